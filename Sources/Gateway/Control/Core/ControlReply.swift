public import Protocols

/// One line of the gateway's.
public enum ControlReply: Sendable, Equatable {
    case status(GatewayStatus)
    case session(LiveSession)
    case question(OpenQuestion)
    case event(LiveEvent)
    /// The configuration is in force, except for these sections, which wait for the next start.
    case reloaded(waiting: [String])
    /// The request was carried out, and nothing more follows.
    case done
    /// The request was not carried out, and nothing more follows.
    case error(ControlFault)
}

extension ControlReply {
    /// As it goes over the socket, and as `--json` prints it.
    public var json: JSON {
        var members: [String: JSON]
        switch self {
        case .status(let status): members = status.members
        case .session(let session): members = session.members
        case .question(let question): members = question.members
        case .event(let event): members = event.members
        case .reloaded(let waiting):
            members = ["type": "reloaded", "waiting": .array(waiting.map { .string($0) })]
        case .done: members = ["type": "done"]
        case .error(let fault):
            members = ["type": "error", "code": .string(fault.code.rawValue), "message": .text(fault.message)]
        }
        members["v"] = .integer(ControlProtocol.version)
        return .object(members)
    }

    /// `nil` when the line is no reply of this version. Members that are unknown here are left alone.
    public init?(line: Span<UInt8>) {
        guard let value = try? JSON.parse(line, depth: 8), value["v"]?.integer == ControlProtocol.version,
            let type = value["type"]?.string
        else { return nil }
        let read: ControlReply? =
            switch type {
            case "status": GatewayStatus(value).map { .status($0) }
            case "live-session": LiveSession(value).map { .session($0) }
            case "question": OpenQuestion(value).map { .question($0) }
            case "event": LiveEvent(value).map { .event($0) }
            case "reloaded": value["waiting"]?.texts.map { .reloaded(waiting: $0) }
            case "done": .done
            case "error": ControlFault(value).map { .error($0) }
            default: nil
            }
        guard let read else { return nil }
        self = read
    }
}

extension ControlFault {
    fileprivate init?(_ value: JSON) {
        guard let code = value["code"]?.string.flatMap(Code.init), let message = value["message"]?.string else {
            return nil
        }
        self.init(code, message)
    }
}

extension JSON {
    /// Text that peers have a say in, no longer than a line has room for.
    static func text(_ text: String) -> JSON {
        let scalars = text.unicodeScalars
        guard scalars.count > ControlProtocol.textScalarsMaximum else { return .string(text) }
        return .string(String(scalars.prefix(ControlProtocol.textScalarsMaximum - 1)) + "…")
    }

    /// A moment as UTC text; null when there is none.
    static func moment(_ wallNanoseconds: Int64?) -> JSON {
        wallNanoseconds.map { .string(UTCDate(wallNanoseconds: $0).extended8601) } ?? .null
    }

    /// A moment that ``moment(_:)`` wrote.
    var moment: Int64? { string.flatMap { UTCDate.wallNanoseconds(parsing: $0) } }

    /// The texts of an array; `nil` when there is anything else in it.
    var texts: [String]? {
        guard let array else { return nil }
        let texts = array.compactMap(\.string)
        return texts.count == array.count ? texts : nil
    }
}
