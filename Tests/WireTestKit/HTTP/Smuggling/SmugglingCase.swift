/// A request that some servers read otherwise than others, and what an intermediary that is not fooled makes of it.
///
/// Written from RFC 9110 and RFC 9112 and from the published attack classes: CL.TE, TE.CL, TE.TE, CL.0, 0.CL, TE.0
/// (Linhart 2005, Kettle 2019 to 2025), chunk-line terminators (Kallenberg 2025), h11 and aiohttp advisories.
public struct SmugglingCase: Sendable, CustomStringConvertible {
    public enum Verdict: Sendable, Equatable {
        case refused
        /// Exactly one request with that request line's method and target, and that content.
        case one(String, content: String = "")
    }

    public let name: String
    /// The section or the attack class that decides.
    public let source: String
    public let verdict: Verdict
    public let bytes: [UInt8]

    init(_ name: String, _ source: String, _ verdict: Verdict, _ text: String) {
        self.name = name
        self.source = source
        self.verdict = verdict
        bytes = Array(text.utf8)
    }

    public var description: String { "\(name) (\(source))" }

    /// All of them; each name is there once.
    public static let all =
        contentLength + transferEncoding + bothLengths + chunkSizes + chunkEnds + lines + fieldNames + fieldValues
        + requestLines + hosts + targets + connections + plain
}

extension SmugglingCase {
    /// A POST with these field lines besides Host, and what follows the empty line.
    static func post(_ fields: String, _ rest: String) -> String {
        "POST / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\n\(rest)"
    }

    /// A GET with these field lines besides Host.
    static func get(_ fields: String) -> String { "GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\n" }

    /// A POST whose content is these chunks.
    static func chunked(_ rest: String) -> String { post("Transfer-Encoding: chunked", rest) }

    /// What an attacker wants read as a request of its own.
    static var smuggled: String { "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n" }
}
