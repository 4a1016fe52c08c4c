// The frames of RFC 9113 §6, one by one.

extension HTTP2Decoder {
    /// `bytes` begin with the frame.
    mutating func frame(
        _ header: HTTP2FrameHeader, _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> Step<HTTP2Message> {
        switch header.kind {
        case .data: return try data(header, bytes, direction)
        case nil: return unknown(header, direction)
        default: break
        }
        let total = HTTP2FrameHeader.byteCount + header.length
        guard header.length <= Self.wholeMaximum else {
            throw WireFault(.limitExceeded, "a frame other than DATA is longer than 256 KiB", direction)
        }
        guard bytes.count >= total else { return .needMore(atLeast: total) }
        let payload = HTTP2FrameHeader.byteCount..<total
        switch header.kind {
        case .headers: return try headers(header, bytes, direction)
        case .pushPromise: return try pushPromise(header, bytes, direction)
        case .priority: return .message(.priority(stream: header.stream), length: total)
        case .reset:
            let code = HTTP2ErrorCode(rawValue: bytes.uint32BE(at: payload.lowerBound) ?? 0)
            return .message(.reset(stream: header.stream, code: code), length: total)
        case .settings: return .message(settings(header, bytes, payload, direction), length: total)
        case .ping: return .message(.ping(isAcknowledgement: header.isAcknowledgement), length: total)
        case .goAway: return .message(goAway(bytes, payload), length: total)
        case .windowUpdate:
            let increment = (bytes.uint32BE(at: payload.lowerBound) ?? 0) & 0x7fff_ffff
            return .message(.windowUpdate(stream: header.stream, increment: increment), length: total)
        case .continuation, .data, nil:
            throw WireFault(.unexpectedMessage, "a CONTINUATION frame continues nothing", direction)
        }
    }

    private mutating func data(
        _ header: HTTP2FrameHeader, _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> Step<HTTP2Message> {
        let prefix = HTTP2FrameHeader.byteCount
        var padding = 0
        if header.isPadded {
            guard header.length > 0 else { throw WireFault(.malformed, "a padded frame is empty", direction) }
            guard bytes.count > prefix else { return .needMore(atLeast: prefix + 1) }
            padding = Int(bytes[prefix])
        }
        let head = prefix + (header.isPadded ? 1 : 0)
        let count = prefix + header.length - head - padding
        guard count >= 0 else { throw WireFault(.malformed, "padding is longer than its frame", direction) }
        self[direction].body = count
        self[direction].padding = padding
        self[direction].bodyStream = header.stream
        let message = HTTP2Message.data(
            HTTP2Data(stream: header.stream, count: count, endsStream: header.endsStream))
        return count == 0 ? .message(message, length: head) : .head(message, length: head, body: UInt64(count))
    }

    private mutating func unknown(_ header: HTTP2FrameHeader, _ direction: Direction) -> Step<HTTP2Message> {
        self[direction].body = header.length
        self[direction].padding = 0
        let message = HTTP2Message.unknown(type: header.type, stream: header.stream)
        let head = HTTP2FrameHeader.byteCount
        return header.length == 0
            ? .message(message, length: head) : .head(message, length: head, body: UInt64(header.length))
    }

    // MARK: Header blocks

    private mutating func headers(
        _ header: HTTP2FrameHeader, _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> Step<HTTP2Message> {
        let prioritySize = header.hasPriority ? 5 : 0
        let first = try fragment(header, skipping: prioritySize, bytes, direction)
        switch try extent(header, first, bytes, direction) {
        case .needs(let count): return .needMore(atLeast: count)
        case .whole(let continued, let length):
            let message = HTTP2Headers(
                stream: header.stream, block: try block(first, continued, bytes, direction),
                endsStream: header.endsStream)
            return .message(.headers(message), length: length)
        }
    }

    private mutating func pushPromise(
        _ header: HTTP2FrameHeader, _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> Step<HTTP2Message> {
        guard direction == .serverToClient else {
            throw WireFault(.unexpectedMessage, "a client promises a push", direction)
        }
        let first = try fragment(header, skipping: 4, bytes, direction)
        switch try extent(header, first, bytes, direction) {
        case .needs(let count): return .needMore(atLeast: count)
        case .whole(let continued, let length):
            let promised = (bytes.uint32BE(at: first.lowerBound - 4) ?? 0) & 0x7fff_ffff
            let promise = HTTP2Promise(
                stream: header.stream, promised: promised, block: try block(first, continued, bytes, direction))
            return .message(.pushPromise(promise), length: length)
        }
    }

    /// The part of a HEADERS or PUSH_PROMISE frame that is header block: without padding and what comes before.
    private func fragment(
        _ header: HTTP2FrameHeader, skipping count: Int, _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> Range<Int> {
        var start = HTTP2FrameHeader.byteCount
        var end = start + header.length
        if header.isPadded {
            guard start < end else { throw WireFault(.malformed, "a padded frame is empty", direction) }
            end -= Int(bytes[start])
            start += 1
        }
        start += count
        guard start <= end else { throw WireFault(.malformed, "padding is longer than its frame", direction) }
        return start..<end
    }

    /// The frames that carry one header block.
    private enum Extent {
        /// Not all are there; no use to look again before so many bytes are.
        case needs(Int)
        case whole(continued: [Range<Int>], length: Int)
    }

    private func extent(
        _ header: HTTP2FrameHeader, _ first: Range<Int>, _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> Extent {
        var continued: [Range<Int>] = []
        var count = first.count
        var end = HTTP2FrameHeader.byteCount + header.length
        var isWhole = header.endsHeaders
        while !isWhole {
            let start = end + HTTP2FrameHeader.byteCount
            guard let next = HTTP2FrameHeader(bytes, at: end) else { return .needs(start) }
            guard next.kind == .continuation, next.stream == header.stream else {
                throw WireFault(.unexpectedMessage, "a header block is interrupted", direction, at: end)
            }
            count += next.length
            guard continued.count < Self.continuationsMaximum, count <= Self.wholeMaximum else {
                throw WireFault(.limitExceeded, "a header block is too long", direction, at: end)
            }
            end = start + next.length
            guard bytes.count >= end else { return .needs(end) }
            continued.append(start..<end)
            isWhole = next.endsHeaders
        }
        return .whole(continued: continued, length: end)
    }

    private mutating func block(
        _ first: Range<Int>, _ continued: [Range<Int>], _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> HTTP2HeaderBlock {
        do throws(HPACKFault) {
            if continued.isEmpty {
                let list = try self[direction].headers.read(bytes.extracting(first))
                return HTTP2HeaderBlock(list: list, first: first, continued: [])
            }
            var octets = [UInt8](copying: bytes.extracting(first))
            for fragment in continued { octets.append(bytes.extracting(fragment)) }
            let list = try self[direction].headers.read(octets.span)
            return HTTP2HeaderBlock(list: list, first: first, continued: continued)
        } catch {
            throw WireFault(error == .limit ? .limitExceeded : .malformed, error.reason, direction)
        }
    }

    // MARK: The connection's frames

    private mutating func settings(
        _ header: HTTP2FrameHeader, _ bytes: Span<UInt8>, _ payload: Range<Int>, _ direction: Direction
    ) -> HTTP2Message {
        if header.isAcknowledgement { return .settingsAcknowledgement }
        let settings = HTTP2Setting.list(bytes, payload)
        for setting in settings where setting.identifier == HTTP2Setting.headerTableSize {
            self[direction.opposite].headers.allow(Int(setting.value))
        }
        return .settings(settings)
    }

    private func goAway(_ bytes: Span<UInt8>, _ payload: Range<Int>) -> HTTP2Message {
        .goAway(
            HTTP2GoAway(
                lastStream: (bytes.uint32BE(at: payload.lowerBound) ?? 0) & 0x7fff_ffff,
                code: HTTP2ErrorCode(rawValue: bytes.uint32BE(at: payload.lowerBound + 4) ?? 0),
                debugData: payload.lowerBound + 8..<payload.upperBound))
    }
}
