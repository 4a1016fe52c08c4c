/// The public keys that an issuer publishes (JWKS, RFC 7517 §5).
public struct JSONWebKeySet: Sendable, Hashable {
    public let keys: [JSONWebKey]
    /// Why other keys of the set are left alone, for the log.
    public let ignored: [String]

    /// The longest set, in bytes.
    public static let byteCountMaximum = 1 << 20
    private static let countMaximum = 64

    /// Why a text is no set of keys. Holds nothing of the text.
    public struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// - Parameter text: as the issuer serves it, untrusted.
    public init(_ text: Span<UInt8>) throws(Fault) {
        guard text.count <= Self.byteCountMaximum else { throw Fault(description: "the key set is longer than 1 MiB") }
        let json: JSON
        do throws(JSONFault) { json = try JSON.parse(text, depth: 8) } catch {
            throw Fault(description: "the key set is \(error)")
        }
        guard let members = json["keys"]?.array else { throw Fault(description: "the key set has no array “keys”") }
        guard members.count <= Self.countMaximum else {
            throw Fault(description: "the key set has more than \(Self.countMaximum) keys")
        }
        var keys: [JSONWebKey] = []
        var ignored: [String] = []
        for (index, member) in members.enumerated() {
            // A private key that is published, or that was put here by mistake, is anybody's.
            guard member["d"] == nil else { throw Fault(description: "key \(index) of the set is a private one") }
            do throws(JSONWebKey.Fault) {
                let key = try JSONWebKey(member)
                if let id = key.id, keys.contains(where: { $0.id == id && $0.algorithm == key.algorithm }) {
                    throw JSONWebKey.Fault("another key has its kid")
                }
                keys.append(key)
            } catch {
                ignored.append("key \(index): \(error)")
            }
        }
        guard !keys.isEmpty else {
            let reasons = ignored.joined(separator: "; ")
            throw Fault(
                description: "the key set has no key that can be used" + (reasons.isEmpty ? "" : ": \(reasons)"))
        }
        self.keys = keys
        self.ignored = ignored
    }

    /// Those that may have signed a token. One without `kid` has to come from the only key there is.
    func candidates(for id: String?) -> [JSONWebKey] {
        guard let id else { return keys.count == 1 ? keys : [] }
        return keys.filter { $0.id.map { $0.utf8.elementsEqual(id.utf8) } == true }
    }
}
