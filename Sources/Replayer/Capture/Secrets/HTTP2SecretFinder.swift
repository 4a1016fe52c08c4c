import Protocols

/// Credentials and cookies in header blocks, values that their sender marks as sensitive (RFC 7541 §7.1.3), and credentials
/// in the queries of targets.
struct HTTP2SecretFinder: SecretFinder {
    typealias Decoder = HTTP2Decoder

    private let query = QuerySecrets()
    /// Directions that cannot be read now: behind a hole where no frame begins.
    private var opaque: Set<Direction> = []

    mutating func secrets(
        in event: WireEvent<HTTP2Message>, _ direction: Direction, _ bytes: Span<UInt8>
    ) -> [FoundSecret] {
        switch event {
        case .message(let message), .head(let message, _):
            opaque.remove(direction)
            return secrets(of: message)
        case .body: return opaque.contains(direction) ? secrets(inRest: bytes, direction) : []
        case .opaque, .become:
            opaque.insert(direction)
            return []
        }
    }

    private func secrets(of message: HTTP2Message) -> [FoundSecret] {
        switch message {
        case .headers(let headers): headers.block.secrets(query).map { FoundSecret($0, filler: $1) }
        case .pushPromise(let promise): promise.block.secrets(query).map { FoundSecret($0, filler: $1) }
        default: []
        }
    }

    /// All of it: what is compressed has no looks.
    func secrets(inRest bytes: Span<UInt8>, _ direction: Direction) -> [FoundSecret] { [FoundSecret(0..<bytes.count)] }
}
