extension HTTP2HeaderBlock {
    /// The places of credentials in the frames, and octets of the same number that say filler instead.
    public func secrets(_ query: QuerySecrets) -> [(range: Range<Int>, filler: [UInt8])] {
        list.fields.flatMap { field -> [(range: Range<Int>, filler: [UInt8])] in
            guard let literal = field.literal else { return [] }
            let secrets = list.secrets(field, query)
            guard !secrets.isEmpty else { return [] }
            return spread(
                literal.redacted(Array(list.bytes[field.valueRange]), secrets), from: literal.octets.lowerBound)
        }
    }

    /// Octets of the block, where they stand in its frames.
    private func spread(_ octets: [UInt8], from start: Int) -> [(range: Range<Int>, filler: [UInt8])] {
        var parts: [(range: Range<Int>, filler: [UInt8])] = []
        var begin = 0
        for fragment in [first] + continued {
            let part = (begin..<begin + fragment.count).clamped(to: start..<start + octets.count)
            if !part.isEmpty {
                let place = fragment.lowerBound + part.lowerBound - begin
                let filler = octets[part.lowerBound - start..<part.upperBound - start]
                parts.append((place..<place + part.count, Array(filler)))
            }
            begin += fragment.count
        }
        return parts
    }
}
