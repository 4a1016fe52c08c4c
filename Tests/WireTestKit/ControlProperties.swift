import Gateway
import Protocols

/// What must hold for every line at the control socket, whoever says it. The fuzzer and the tests share it.
public enum ControlProperties {
    /// A sentence on what does not hold, or `nil`.
    public static func violation(_ input: [UInt8]) -> String? {
        // As the connection splits it: a line's end is never part of a line.
        for line in input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let line = Array(line)
            if let violation = request(line) ?? reply(line) { return violation }
        }
        return nil
    }

    private static func request(_ line: [UInt8]) -> String? {
        do throws(ControlFault) {
            let request = try ControlRequest(line: line.span)
            let encoded = request.encoded()
            guard !encoded.contains(UInt8(ascii: "\n")) else { return "a request has more than one line" }
            // `-0` and escapes are written in another way than they were read; what is meant stays.
            guard (try? ControlRequest(line: encoded.span)) == request else { return "a request changes on its way" }
            return nil
        } catch {
            guard error.code == .badRequest else { return "a line that is no request is refused as something else" }
            let isPrintable = error.message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
            guard isPrintable, error.message.unicodeScalars.count <= 300 else {
                return "a refusal repeats what it should not"
            }
            return reply(ControlReply.error(error).json.encoded()).map { "the refusal itself: \($0)" }
        }
    }

    private static func reply(_ line: [UInt8]) -> String? {
        guard let reply = ControlReply(line: line.span) else { return nil }
        let encoded = reply.json.encoded()
        guard !encoded.contains(UInt8(ascii: "\n")) else { return "a reply has more than one line" }
        // Long texts are cut, once.
        guard let again = ControlReply(line: encoded.span) else { return "a reply is not understood" }
        guard again.json == ControlReply(line: again.json.encoded().span)?.json else {
            return "a reply changes on its way"
        }
        return nil
    }
}
