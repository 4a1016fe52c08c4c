import Adapters
import Protocols

/// What must hold for every input of the HTTP/2 decoder and its timeline. The fuzzer and the replay of its finds share it.
public enum HTTP2Properties {
    /// A sentence on what does not hold, or `nil`. The input is turns, as ``FuzzTurns`` reads them. Unless its first byte
    /// is odd, the client's preface and both sides' empty SETTINGS come before them.
    public static func violation(_ input: [UInt8]) -> String? {
        guard let setup = input.first else { return nil }
        var turns = FuzzTurns.read(input.dropFirst())
        if setup & 1 == 0 {
            let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
            turns =
                [
                    .bytes(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + settings, .clientToServer),
                    .bytes(settings, .serverToClient),
                ] + turns
        }
        let decoder = HTTP2Decoder(limits: WireLimits())
        let whole = WireTrace(decoder, turns: turns, .whole)
        let dripped = WireTrace(decoder, turns: turns, .byteByByte)
        guard whole == dripped else { return "whole and dripped differ:\n\(whole)\n\(dripped)" }
        return TimelineProperties.violation(HTTP2Timeline<TimelineAdapters>.self, turns)
    }
}
