import Adapters
import Protocols

/// What must hold for every input of the SSH decoder and its timeline. The fuzzer and the replay of its finds share it.
public enum SSHProperties {
    /// A sentence on what does not hold, or `nil`. The input is turns, as ``FuzzTurns`` reads them.
    public static func violation(_ input: [UInt8]) -> String? {
        let turns = FuzzTurns.read(input[...])
        var outside: String?
        let decoder = SSHDecoder(limits: WireLimits())
        let whole = WireTrace(decoder, turns: turns, .whole) { message, bytes in
            if let range = message.rangeOutside(bytes.count) { outside = "\(message) points to \(range)" }
        }
        if let outside { return outside }
        let dripped = WireTrace(decoder, turns: turns, .byteByByte)
        guard whole == dripped else { return "whole and dripped differ:\n\(whole)\n\(dripped)" }
        return TimelineProperties.violation(SSHTimeline<TimelineAdapters>.self, turns)
    }
}

extension SSHMessage {
    fileprivate func rangeOutside(_ count: Int) -> Range<Int>? {
        ranges.first { $0.lowerBound < 0 || $0.upperBound > count }
    }

    private var ranges: [Range<Int>] {
        switch self {
        case .line(let range), .debug(let range), .keyExchange(_, let range): [range]
        case .identification(let words):
            [words.line, words.version, words.software] + (words.comments.map { [$0] } ?? [])
        case .keyExchangeInit(let message):
            [message.keyExchange, message.hostKey]
                + [message.cipher, message.mac, message.compression, message.languages].flatMap {
                    [$0.clientToServer, $0.serverToClient]
                }
        case .disconnect(let message): [message.description]
        case .newKeys, .ignore, .unimplemented: []
        }
    }
}
