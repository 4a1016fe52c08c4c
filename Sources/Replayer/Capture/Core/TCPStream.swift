import Protocols

/// What reassembly makes of the segments of one direction.
package protocol TCPSink {
    /// This end sent the SYN. Said before any byte, where the SYN was seen by then, and again later.
    mutating func opened(by client: FlowSide)
    /// The next bytes of the stream.
    mutating func data(_ bytes: Span<UInt8>, from sender: FlowSide, _ stamp: PacketStamp)
    /// So many bytes of the stream were not captured.
    mutating func hole(_ length: UInt64, from sender: FlowSide, _ stamp: PacketStamp)
    /// A packet brought other bytes for a range than an earlier one; those of the earlier stand.
    mutating func conflict(_ range: Range<UInt64>, from sender: FlowSide, _ stamp: PacketStamp)
}

/// Which packet, and when.
package struct PacketStamp: Sendable, Hashable {
    /// 1 for the first packet of a capture, as in Wireshark.
    package var number: UInt64
    package var wallNanoseconds: Int64

    package init(number: UInt64, wallNanoseconds: Int64) {
        self.number = number
        self.wallNanoseconds = wallNanoseconds
    }
}

/// Puts the segments of one direction in order. What came first stands; what differs later is told, and dropped.
///
/// Positions count the bytes from the first one whose number was learnt, so that sequence numbers may wrap any number of
/// times; those before it are negative.
struct TCPStream: Sendable {
    /// A segment, or part of one, that lies behind a hole.
    private struct Piece: Sendable {
        var start: Int64
        var bytes: [UInt8]
        var stamp: PacketStamp
        var end: Int64 { start + Int64(bytes.count) }
    }

    /// Beyond half of the numbers' space there is no telling before from behind; no window is wider (RFC 7323 §2.3).
    private static let windowMaximum: Int64 = 1 << 30

    let sender: FlowSide
    /// The sequence number of position 0; `nil` until one was learnt.
    private var base: UInt32?
    /// Where the next byte belongs; nothing is passed on before the start is settled.
    private var next: Int64 = 0
    private(set) var isSettled = false
    /// The position of the stream's first byte.
    private var origin: Int64 = 0
    private var pieces: [Piece] = []
    private var heldBehindHole = 0
    /// Passed on and not yet acknowledged: what ends at ``next``.
    private var history = TCPHistory()
    /// Up to here the receiver has said that it has everything.
    private var acknowledged: Int64 = .min
    /// The lowest acknowledgement of a stream that is not settled: where its SYN was not captured, the handshake's.
    private var firstAcknowledged: Int64 = .max
    private var finish: Int64?
    /// Packets of the flow since there has been something to wait for.
    private var waited = 0

    init(from sender: FlowSide) { self.sender = sender }

    /// All bytes up to the sender's FIN were passed on.
    var isFinished: Bool { finish.map { isSettled && next >= $0 } ?? false }
    /// Bytes held.
    var heldCount: Int { heldBehindHole + history.count }
    /// How far the stream has been passed on.
    var offset: UInt64 { UInt64(next - origin) }
}

// MARK: - Segments of the sender

extension TCPStream {
    /// Takes the sender's own segment, whose payload is a range of the block.
    @inline(__always)
    mutating func take(
        _ segment: TCPSegment, _ block: Span<UInt8>, _ stamp: PacketStamp, _ limits: CaptureLimits,
        _ sink: inout some TCPSink
    ) {
        let isSYN = segment.flags.contains(.syn)
        // A SYN has a number of its own, before the first byte's (RFC 9293 §3.4).
        let sequence = isSYN ? segment.sequence &+ 1 : segment.sequence
        if isSYN { begin(at: sequence, stamp, limits, &sink) }
        let payload = segment.payload
        guard payload.count > 0 || segment.flags.contains(.fin) else { return }
        if base == nil { base = sequence }
        guard let start = position(sequence) else { return }
        if payload.count > 0 { place(payload, block, at: start, stamp, limits, &sink) }
        if segment.flags.contains(.fin), finish == nil { finish = start + Int64(payload.count) }
    }

    /// The position of a sequence number: the one that is nearest to what comes next. `nil` where it is out of every window.
    @inline(__always)
    private func position(_ sequence: UInt32) -> Int64? {
        guard let base else { return nil }
        let expected = base &+ UInt32(truncatingIfNeeded: next)
        let distance = Int64(Int32(bitPattern: sequence &- expected))
        return abs(distance) <= Self.windowMaximum ? next + distance : nil
    }

    /// The stream begins with this number. What claims to lie before is none of its.
    @inline(never)
    mutating func begin(
        at sequence: UInt32, _ stamp: PacketStamp, _ limits: CaptureLimits, _ sink: inout some TCPSink
    ) {
        guard !isSettled else { return }
        if base == nil { base = sequence }
        guard let start = position(sequence) else { return }
        settle(at: start, stamp, limits, &sink)
    }

    private mutating func settle(
        at start: Int64, _ stamp: PacketStamp, _ limits: CaptureLimits, _ sink: inout some TCPSink
    ) {
        isSettled = true
        (origin, next) = (start, start)
        while let first = pieces.first, first.end <= start {
            heldBehindHole -= first.bytes.count
            pieces.removeFirst()
        }
        release(stamp, limits, &sink)
    }

    @inline(__always)
    private mutating func place(
        _ payload: Range<Int>, _ block: Span<UInt8>, at start: Int64, _ stamp: PacketStamp, _ limits: CaptureLimits,
        _ sink: inout some TCPSink
    ) {
        let end = start + Int64(payload.count)
        guard isSettled, start <= next else {
            return hold(block.extracting(payload), at: start, stamp, limits, &sink)
        }
        // A keep-alive repeats the last byte's number, with any byte or none (RFC 9293 §3.8.4).
        if start < next, !(payload.count == 1 && end == next) {
            compare(block.extracting(payload), block, at: start, stamp, &sink)
        }
        guard end > next else { return }
        let fresh = payload.lowerBound + Int(next - start)..<payload.upperBound
        if pieces.isEmpty {
            pass(block.extracting(fresh), .inBlock(fresh), stamp, limits, &sink)
        } else {
            hold(block.extracting(fresh), at: next, stamp, limits, &sink)
            release(stamp, limits, &sink)
        }
    }

    @inline(__always)
    private mutating func pass(
        _ bytes: Span<UInt8>, _ part: TCPHistory.Part, _ stamp: PacketStamp, _ limits: CaptureLimits,
        _ sink: inout some TCPSink
    ) {
        next += Int64(bytes.count)
        remember(part, limits)
        sink.data(bytes, from: sender, stamp)
    }
}

// MARK: - What was passed on

extension TCPStream {
    /// Keeps what is not acknowledged, as far as the limit goes.
    @inline(__always)
    private mutating func remember(_ part: TCPHistory.Part, _ limits: CaptureLimits) {
        history.append(part)
        // Twice the limit may pile up before the older half goes, so that bytes seldom move.
        let isMuch = part.count >= limits.unacknowledged || history.count > 2 * limits.unacknowledged
        if isMuch { history.removeFirst(history.count - limits.unacknowledged) }
    }

    /// Forgets what to compare retransmissions with.
    mutating func forget() { history.removeAll() }

    /// Some of what is held lies in the block.
    var needsBlock: Bool { history.needsBlock }

    /// The block is over: what is still held of it is copied.
    mutating func leave(_ block: Span<UInt8>) { history.leave(block) }

    @inline(never)
    private mutating func compare(
        _ bytes: Span<UInt8>, _ block: Span<UInt8>, at start: Int64, _ stamp: PacketStamp, _ sink: inout some TCPSink
    ) {
        let begin = next - Int64(history.count)
        let first = max(start, begin, origin)
        let end = min(start + Int64(bytes.count), next)
        guard first < end else { return }
        let again = bytes.extracting(Int(first - start)..<Int(end - start))
        tell(history.difference(from: again, at: Int(first - begin), block), at: first, stamp, &sink)
    }

    /// - Parameter difference: counts from `start`.
    private func tell(
        _ difference: ClosedRange<Int>?, at start: Int64, _ stamp: PacketStamp, _ sink: inout some TCPSink
    ) {
        guard let difference, start + Int64(difference.lowerBound) >= origin else { return }
        let from = UInt64(start + Int64(difference.lowerBound) - origin)
        sink.conflict(from..<from + UInt64(difference.count), from: sender, stamp)
    }
}

// MARK: - What lies behind a hole

extension TCPStream {
    /// Keeps what of the bytes no earlier segment brought.
    @inline(never)
    private mutating func hold(
        _ bytes: Span<UInt8>, at start: Int64, _ stamp: PacketStamp, _ limits: CaptureLimits,
        _ sink: inout some TCPSink
    ) {
        let end = start + Int64(bytes.count)
        var cursor = start
        var index = firstPiece(endingAfter: start)
        while index < pieces.count, pieces[index].start < end {
            let piece = pieces[index]
            if cursor < piece.start {
                insert(bytes.extracting(Int(cursor - start)..<Int(piece.start - start)), at: cursor, index, stamp)
                index += 1
            }
            let from = max(start, piece.start)
            let to = min(end, piece.end)
            let known = piece.bytes.span.extracting(Int(from - piece.start)..<Int(to - piece.start))
            let again = bytes.extracting(Int(from - start)..<Int(to - start))
            tell(known.difference(from: again), at: from, stamp, &sink)
            cursor = max(cursor, piece.end)
            index += 1
        }
        if cursor < end { insert(bytes.extracting(Int(cursor - start)...), at: cursor, index, stamp) }
        while heldBehindHole > limits.behindHole || pieces.count > limits.piecesBehindHole {
            giveUpHole(stamp, limits, &sink)
        }
    }

    private mutating func insert(_ bytes: Span<UInt8>, at start: Int64, _ index: Int, _ stamp: PacketStamp) {
        pieces.insert(Piece(start: start, bytes: [UInt8](copying: bytes), stamp: stamp), at: index)
        heldBehindHole += bytes.count
    }

    private func firstPiece(endingAfter position: Int64) -> Int {
        var low = 0
        var high = pieces.count
        while low < high {
            let middle = (low + high) / 2
            if pieces[middle].end <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Passes on what no hole holds back any longer. It is readable from now on: `stamp` is of the packet that closed the hole.
    @inline(never)
    private mutating func release(_ stamp: PacketStamp, _ limits: CaptureLimits, _ sink: inout some TCPSink) {
        guard !pieces.isEmpty else { return }
        var count = 0
        while count < pieces.count, pieces[count].start <= next {
            let piece = exchange(&pieces[count].bytes, with: [])
            let start = pieces[count].start
            heldBehindHole -= piece.count
            let skipped = Int(next - start)
            if skipped < piece.count {
                let at = PacketStamp(number: pieces[count].stamp.number, wallNanoseconds: stamp.wallNanoseconds)
                pass(piece.span.extracting(skipped...), .apart(piece, from: skipped), at, limits, &sink)
            }
            count += 1
        }
        if count > 0 {
            pieces.removeFirst(count)
            waited = 0
        }
    }

    /// Takes for lost what is missing before the first piece, or, where there is none, before what was acknowledged.
    @inline(never)
    private mutating func giveUpHole(_ stamp: PacketStamp, _ limits: CaptureLimits, _ sink: inout some TCPSink) {
        waited = 0
        if !isSettled {
            let start = min(pieces.first?.start ?? .max, firstAcknowledged)
            guard start < .max else { return }
            return settle(at: start, stamp, limits, &sink)
        }
        let end = pieces.first?.start ?? receivedEnd
        // What closes the hole may be what makes too much of it.
        guard end > next else { return release(stamp, limits, &sink) }
        let length = UInt64(end - next)
        next = end
        history.removeAll()
        sink.hole(length, from: sender, stamp)
        release(stamp, limits, &sink)
    }
}

// MARK: - What the receiver says

extension TCPStream {
    /// Takes the receiver's acknowledgement: all before this number has arrived.
    @inline(__always)
    mutating func acknowledge(_ number: UInt32) {
        if base == nil { base = number }
        guard let position = position(number) else { return }
        if !isSettled { firstAcknowledged = min(firstAcknowledged, position) }
        guard position > acknowledged else { return }
        acknowledged = position
        let unacknowledged = Int(max(0, min(next - position, Int64(history.count))))
        // Moving what is left costs more than keeping it, where little goes.
        if unacknowledged == 0 {
            history.removeAll()
        } else if history.count - unacknowledged > 16 << 10 {
            history.removeFirst(history.count - unacknowledged)
        }
    }

    /// The end of what the receiver has. A FIN has a number, too, and may not have been captured: it is no byte.
    private var receivedEnd: Int64 {
        if let finish { return min(acknowledged, finish) }
        return acknowledged == next + 1 ? next : acknowledged
    }

    /// Another packet of the flow has come. After enough of them, what is still missing was never captured.
    @inline(__always)
    mutating func wait(_ stamp: PacketStamp, _ limits: CaptureLimits, _ sink: inout some TCPSink) {
        let isReceived = isSettled ? receivedEnd > next : base != nil
        guard isReceived || !pieces.isEmpty else {
            waited = 0
            return
        }
        waited += 1
        // Where acknowledgements were not captured, a retransmission may still come.
        let patience = !isReceived ? limits.patience * 16 : limits.patience
        if waited > patience { giveUpHole(stamp, limits, &sink) }
    }

    /// Nothing more comes: all holes are lost.
    mutating func end(_ stamp: PacketStamp, _ limits: CaptureLimits, _ sink: inout some TCPSink) {
        if !isSettled { giveUpHole(stamp, limits, &sink) }
        while !pieces.isEmpty { giveUpHole(stamp, limits, &sink) }
        if isSettled, receivedEnd > next { giveUpHole(stamp, limits, &sink) }
        history.removeAll()
    }
}
