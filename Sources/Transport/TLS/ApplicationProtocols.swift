/// Names of application protocols (ALPN, RFC 7301 §3.1).
enum ApplicationProtocols {
    static func bytes(_ names: [String]) throws(TLSSettingsFault) -> [[UInt8]] {
        let all = names.map { Array($0.utf8) }
        guard all.allSatisfy({ (1...255).contains($0.count) }), all.count <= 32 else {
            throw .unusable(.applicationProtocols, reason: "a name has 1 to 255 bytes, and there are at most 32")
        }
        return all
    }

    /// As they go over the wire: each with its length before it.
    static func encode(_ names: [String]) throws(TLSSettingsFault) -> [UInt8] {
        try bytes(names).flatMap { [UInt8($0.count)] + $0 }
    }

    /// Where a name begins in a list as it came over the wire.
    static func position(of name: [UInt8], in offer: UnsafeBufferPointer<UInt8>) -> Int? {
        var start = 0
        while start < offer.count {
            let end = unsafe start + 1 + Int(offer[start])
            guard end <= offer.count else { return nil }
            if unsafe offer[(start + 1)..<end].elementsEqual(name) { return start + 1 }
            start = end
        }
        return nil
    }
}
