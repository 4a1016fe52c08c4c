import Protocols

// The framing of chunks is this hop's own (RFC 9112 §7.1): sizes without extensions. Their data passes as it is.

extension HTTPInterceptor {
    func judge(_ chunk: HTTPChunk, _ bytes: Span<UInt8>, _ direction: Direction) -> Verdict {
        if isUnchunking(direction) { return Self.leftOut }
        // As long as ours would be, it is ours: a size has one way to be written, but for the case of its digits.
        if bytes.count == chunk.digits + 2 { return .forward }
        var line: [UInt8] = []
        HTTPChunkEncoder.appendChunkLine(Int(clamping: chunk.size), to: &line)
        return .replace(Replacement(line, reason: "the chunk's size alone", keepsBody: true))
    }

    func judgeFraming(_ direction: Direction) -> Verdict { isUnchunking(direction) ? Self.leftOut : .forward }

    mutating func judge(trailers: HTTPFields, _ bytes: Span<UInt8>, _ direction: Direction) -> Verdict {
        var verdict = judgeFraming(direction)
        if direction == .serverToClient, exchange?.edit?.isChunked == true {
            verdict = .replace(Replacement(HTTPChunkEncoder.lastChunk, reason: "the last chunk's size alone"))
        } else if verdict == .forward, trailers.isEmpty, bytes.count != HTTPChunkEncoder.lastChunk.count {
            verdict = .replace(Replacement(HTTPChunkEncoder.lastChunk, reason: "the last chunk's size alone"))
        } else if verdict == .forward {
            verdict = route.passing(trailers, bytes)
        }
        if direction == .clientToServer { requestEnded() } else { responseEnded() }
        return verdict
    }

    private static var leftOut: Verdict {
        .replace(Replacement([], reason: "the client's leg has chunks of its own, or none", keepsBody: true))
    }

    private func isUnchunking(_ direction: Direction) -> Bool {
        direction == .serverToClient && (exchange?.unchunks == true || exchange?.edit != nil)
    }
}

extension HTTPChunk {
    /// How many hexadecimal digits its size has.
    fileprivate var digits: Int { max(1, (67 - size.leadingZeroBitCount) / 4) }
}
