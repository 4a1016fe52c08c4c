public import Protocols

/// What the proxy core wants done, in order. Ranges count from the start of the window that was just read; actions
/// hold bytes only where the gateway itself wrote them.
public enum ProxyAction: Sendable, Equatable {
    /// These bytes go on to the other side as they are: one record, one write.
    case forward(Range<Int>)
    /// As `forward`, but the recording holds filler in place of `secrets`.
    case forwardRedacted(Range<Int>, secrets: [Range<Int>], reason: String)
    /// Other bytes go on in place of these.
    case replace(Range<Int>, secrets: [Range<Int>], by: [UInt8], secretsOfNew: [Range<Int>], reason: String)
    /// These bytes stop here.
    case withhold(Range<Int>, secrets: [Range<Int>], reason: String)
    /// A rule refused these bytes; they stop here, and `instead` goes on.
    case refused(Range<Int>, secrets: [Range<Int>] = [], rule: String, instead: [UInt8] = [])
    /// A rule refused a part of what waits; the rest of it goes on.
    case partRefused(rule: String)
    /// The gateway's own words to one side; `secrets` of them are recorded as filler.
    case reply(Side, [UInt8], secrets: [Range<Int>] = [])
    /// The lane that was just read waits for the answer.
    case ask(Question)
    /// It is to be found out whom the credential of what waits in the upward lane proves.
    case identify
    /// An upstream is to be found for what waits in the upward lane.
    case reach
    /// The upstream is of no more use: whatever comes next is to reach another.
    case dropUpstream
    /// Who is calling from here on.
    case identity(Identity)
    /// A fact for the recording, at the place that the lane has reached.
    case remark(Annotation.Kind, String)
    /// What waits in the lane of this direction is to be offered again: it could not be read before.
    case offerAgain(Direction)
    /// The rest of the connection cannot be read; it goes on as bytes.
    case opaque(OpaqueReason)
    /// The connection ends once everything queued is written.
    case end(String)

    var isForward: Bool { if case .forward = self { true } else { false } }
}
