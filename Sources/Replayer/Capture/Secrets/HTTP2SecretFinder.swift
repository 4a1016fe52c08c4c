import Protocols

/// Credentials and cookies in header blocks, values that their sender marks as sensitive (RFC 7541 §7.1.3), and credentials
/// in the queries of targets.
struct HTTP2SecretFinder: SecretFinder {
    typealias Decoder = HTTP2Decoder

    private let query = QuerySecrets()

    func secrets(
        in event: WireEvent<HTTP2Message>, _ direction: Direction, _ bytes: Span<UInt8>
    ) -> [FoundSecret] {
        switch event {
        case .message(.headers(let headers)): headers.block.secrets(query).map { FoundSecret($0, filler: $1) }
        case .message(.pushPromise(let promise)): promise.block.secrets(query).map { FoundSecret($0, filler: $1) }
        case .opaque: secrets(inRest: bytes, direction)
        case .message, .head, .body, .become: []
        }
    }

    /// All of it: what is compressed has no looks.
    func secrets(inRest bytes: Span<UInt8>, _ direction: Direction) -> [FoundSecret] { [FoundSecret(0..<bytes.count)] }
}
