import Protocols

/// What must hold for every event stream. The fuzzer and the replay of its finds share it.
public enum SSEProperties {
    /// A sentence on what does not hold, or `nil`. The input's first byte is the limit on an event's data.
    public static func violation(_ input: [UInt8]) -> String? {
        guard let setup = input.first else { return nil }
        let limit = Int(setup)
        let stream = Array(input.dropFirst())
        let whole = items(stream, limit, .whole)
        let dripped = items(stream, limit, .byteByByte)
        guard whole == dripped else { return "whole and dripped differ:\n\(whole)\n\(dripped)" }
        var end: UInt64 = 0
        for case .event(let event) in whole {
            guard event.data.count <= limit else { return "more is held than may be: \(event)" }
            guard event.range.lowerBound >= end, event.range.upperBound <= UInt64(stream.count) else {
                return "\(event.range) is not behind \(end) and within \(stream.count)"
            }
            end = event.range.upperBound
            if let violation = rewritten(event) { return violation }
        }
        return nil
    }

    private static func items(_ stream: [UInt8], _ limit: Int, _ chunking: Chunking) -> [SSEItem] {
        var decoder = SSEDecoder(limit: limit)
        var items: [SSEItem] = []
        for piece in chunking.pieces(of: stream.count) {
            decoder.read(stream.span.extracting(piece)) { items.append($0) }
        }
        return items
    }

    /// An event that is written anew must be read as the same.
    private static func rewritten(_ event: SSEEvent) -> String? {
        let bytes = SSEEvent.encode(event.data.span, type: event.type, id: event.lastEventID)
        guard case .event(let read)? = items(bytes, .max - 100, .whole).last, read.data == event.data,
            read.lastEventID == event.lastEventID, read.type == event.type || event.type.contains("\0")
        else { return "written anew it is another: \(event)" }
        return nil
    }
}
