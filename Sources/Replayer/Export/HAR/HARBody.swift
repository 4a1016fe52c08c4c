import Adapters
import Protocols

/// The content of a request or response while it comes. What is too long is counted, and not held.
struct HARBody: Sendable {
    /// Bytes of one content.
    static let maximum = 8 << 20

    private(set) var bytes: [UInt8] = []
    private(set) var count: UInt64 = 0
    /// From its first byte to its last, framing within it included.
    private(set) var range: Range<UInt64>?
    private(set) var isLeftOut = false
    private(set) var hasHole = false
    var isWhole = false

    /// - Parameter room: bytes that may be held of all contents.
    mutating func append(_ piece: Span<UInt8>, at offset: UInt64, room: Int) {
        count += UInt64(piece.count)
        range = (range?.lowerBound ?? offset)..<offset &+ UInt64(piece.count)
        if isLeftOut || hasHole { return }
        if piece.count > min(room, Self.maximum - bytes.count) {
            isLeftOut = true
            bytes = []
        } else {
            bytes.append(piece)
        }
    }

    /// Bytes that nobody has seen.
    mutating func skip(_ length: UInt64) {
        hasHole = true
        count += length
        bytes = []
    }

    /// How many bytes were transferred; -1 where nobody knows.
    var size: JSON { hasHole ? -1 : .unsigned(count) }

    /// Why there is no text; `nil` where there is.
    private var reason: String? {
        if hasHole { return "bytes of it are missing from the recording" }
        if isLeftOut { return "too long for this file: the export of files has it" }
        return nil
    }

    /// `postData` (HAR 1.2); `nil` where nothing was sent.
    func postData(_ mimeType: String?, _ notes: HARNotes) -> JSON? {
        guard count > 0 else { return nil }
        var members: [String: JSON] = ["mimeType": .string(mimeType ?? "application/octet-stream")]
        var comments = [
            reason, range.flatMap(notes.redaction), isWhole || hasHole ? nil : "it was not sent to its end",
        ]
        if let text = String(validating: bytes, as: UTF8.self) {
            members["text"] = .string(text)
            if mimeType?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true {
                members["params"] = HARParameters.ofForm(bytes.span)
            }
        } else {
            members["text"] = .bytes(bytes)
            members["_encoding"] = "base64"
            comments.append("the text is base64")
        }
        members["comment"] = Self.comment(comments)
        return .object(members)
    }

    /// `content` (HAR 1.2): as a browser shows it, without its coding. What is no UTF-8 is base64.
    func content(_ mimeType: String?, coding: String?, _ notes: HARNotes) -> JSON {
        var members: [String: JSON] = ["mimeType": .string(mimeType ?? "x-unknown"), "size": .unsigned(count)]
        var comments = [
            reason, range.flatMap(notes.redaction), isWhole || hasHole ? nil : "it was not received to its end",
        ]
        var plain = bytes
        if !bytes.isEmpty, let coding, coding.lowercased() != "identity" {
            if let decoded = decode(coding) {
                plain = decoded
                members["size"] = .unsigned(UInt64(plain.count))
                members["compression"] = .integer(Int64(plain.count) - Int64(bytes.count))
            } else {
                comments.append("it is as it was transferred: \(coding)")
            }
        }
        if let text = String(validating: plain, as: UTF8.self) {
            if !plain.isEmpty { members["text"] = .string(text) }
        } else {
            members["text"] = .bytes(plain)
            members["encoding"] = "base64"
        }
        members["comment"] = Self.comment(comments)
        return .object(members)
    }

    private func decode(_ coding: String) -> [UInt8]? {
        guard let coding = ContentCoding(coding) else { return nil }
        let limit = ContentCoding.limit(ofEncoded: bytes.count)
        let decoded = TimelineAdapters.decode(bytes.span, coding, limit: limit)
        return decoded.end == .whole ? decoded.bytes : nil
    }

    private static func comment(_ reasons: [String?]) -> JSON? {
        let reasons = reasons.compactMap(\.self)
        return reasons.isEmpty ? nil : .string(reasons.joined(separator: "; "))
    }
}
