import Protocols

/// What must hold for every input of the HTTP decoder. The fuzzer and the replay of its finds share it.
public enum HTTPProperties {
    /// A sentence on what does not hold, or `nil`. The input's first byte sets the decoder up; then come turns.
    public static func violation(_ input: [UInt8]) -> String? {
        guard let setup = input.first else { return nil }
        var limits = WireLimits()
        if setup & 2 != 0 {
            limits.headBytes = 200
            limits.fields = 4
            limits.chunkLineBytes = 20
            limits.pipelined = 3
        }
        let decoder = HTTPDecoder(
            limits: limits, start: setup & 1 == 0 ? .connection : .anywhere,
            pipelining: setup & 4 == 0 ? .readsAhead : .waits)
        return violation(decoder, limits, FuzzTurns.read(input.dropFirst()))
    }

    /// Cutting must not matter, no range may lie outside its message, and a head written anew must be read as the same.
    static func violation(_ decoder: HTTPDecoder, _ limits: WireLimits, _ turns: [WireTurn]) -> String? {
        var found: String?
        let whole = WireTrace(decoder, limits: limits, turns: turns, .whole) { message, bytes in
            found = found ?? message.violation(bytes)
        }
        if let found { return found }
        let dripped = WireTrace(decoder, limits: limits, turns: turns, .byteByByte)
        guard whole == dripped else { return "whole and dripped differ:\n\(whole)\n\(dripped)" }
        return snapshotViolation(decoder, limits, turns)
    }

    /// A decoder made from a snapshot must make the same snapshot.
    private static func snapshotViolation(_ decoder: HTTPDecoder, _ limits: WireLimits, _ turns: [WireTurn]) -> String?
    {
        var session = WireSession(decoder, limits: limits)
        for case .bytes(let bytes, let direction) in turns {
            do throws(WireFault) { try session.feed(bytes.span, direction) { _, _, _, _ in } } catch { return nil }
            guard let snapshot = session.decoder.snapshot() else { continue }
            let resumed = HTTPDecoder(snapshot: snapshot.span, limits: limits)
            guard resumed?.snapshot() == snapshot else { return "\(snapshot) makes another decoder" }
        }
        return nil
    }
}

extension HTTPMessage {
    func violation(_ bytes: Span<UInt8>) -> String? {
        let isOutside = ranges.contains { $0.lowerBound < 0 || $0.upperBound > bytes.count }
        if isOutside { return "\(self) points outside of \(bytes.count) bytes" }
        if case .request(let head) = self { return head.violation(bytes) }
        return nil
    }

    private var ranges: [Range<Int>] {
        switch self {
        case .request(let head): [head.methodName, head.target] + head.fields.ranges
        case .response(let head): [head.reason] + head.fields.ranges
        case .chunk(let chunk): [chunk.extensions]
        case .trailers(let fields): fields.ranges
        case .chunkEnd, .frame: []
        }
    }
}

extension HTTPFields {
    fileprivate var ranges: [Range<Int>] { flatMap { [$0.nameRange, $0.valueRange, $0.line] } }
}

extension HTTPRequestHead {
    /// The head as it is passed on must be read as the same request.
    fileprivate func violation(_ bytes: Span<UInt8>) -> String? {
        guard var encoder = try? HTTPHeadEncoder(self, bytes) else { return "a head that cannot be written" }
        for field in fields { encoder.copy(field, from: bytes) }
        // HTTP/1.0 may do without; CONNECT's target is its authority, which Host may not contradict (RFC 9112 §3.2.3).
        if !fields.contains(.host) {
            let authority = [UInt8](copying: bytes.extracting(target))
            try? encoder.add("Host", targetForm == .authority ? String(decoding: authority, as: UTF8.self) : "x")
        }
        let written = encoder.finish()
        var decoder = HTTPDecoder(limits: WireLimits())
        do throws(WireFault) {
            switch try decoder.step(written.span, .clientToServer) {
            case .message(.request(let read), written.count), .head(.request(let read), written.count, _):
                let isSame = read.method == method && read.framing == framing && read.fields.count >= fields.count
                return isSame ? nil : "written anew it is another:\n\(self)\n\(read)"
            default: return "written anew it is none: \(self)"
            }
        } catch { return "written anew it is faulty: \(error)" }
    }
}
