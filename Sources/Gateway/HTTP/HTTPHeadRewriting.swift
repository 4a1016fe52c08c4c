import Protocols

// Heads are this hop's own (RFC 9110 §7.6.1, RFC 9112 §9.6): written anew for the other leg, with the fields that are meant
// for it.

extension HTTPRoute {
    /// The head that the upstream gets.
    func rewrite(_ head: HTTPRequestHead, _ bytes: Span<UInt8>) -> Replacement {
        var writer = HTTPHeadWriter(capacity: bytes.count + authority.count + 32)
        writer.write(head.methodName, of: bytes)
        writer.write(" ")
        writer.write(head.path(in: bytes), of: bytes)
        writer.write(" HTTP/1.1\r\n")
        if !head.fields.contains(.host) { writeHost(&writer) }
        let nominations = HTTPNominations(head.fields, bytes)
        for field in head.fields {
            if field.name == .host {
                writer.flush(bytes)
                writeHost(&writer)
            } else if field.name == .origin, isOwnOrigin(field, head, bytes) {
                writer.flush(bytes)
                writer.write(field.nameRange, of: bytes)
                writer.write(": ")
                writer.write(origin)
                writer.write("\r\n")
            } else if field.name.isHopByHop || nominations.contains(field, bytes) {
                writer.drop(field, of: bytes)
            } else {
                writer.keep(field, of: bytes)
            }
        }
        writer.flush(bytes)
        if head.framing == .chunked { writer.write("Transfer-Encoding: chunked\r\n") }
        if head.upgrade == .webSocket { writer.write("Connection: Upgrade\r\nUpgrade: websocket\r\n") }
        writer.write("\r\n")
        return writer.replacement("the head for the upstream")
    }

    private func writeHost(_ writer: inout HTTPHeadWriter) {
        writer.write("Host: ")
        writer.write(authority)
        writer.write("\r\n")
    }

    /// Whether the request comes from a page that the client got from here.
    private func isOwnOrigin(_ field: HTTPField, _ head: HTTPRequestHead, _ bytes: Span<UInt8>) -> Bool {
        guard let host = head.fields.first(.host) else { return false }
        let origin = bytes.extracting(field.valueRange)
        guard let slash = origin.firstIndex(of: UInt8(ascii: "/"), from: 0), slash + 2 <= origin.count else {
            return false
        }
        return origin.extracting((slash + 2)...).isEqualIgnoringCase(bytes.extracting(host.valueRange))
    }

    /// What the client gets in place of a response's head; `nil`: the head as it is.
    ///
    /// - Parameter closes: whether the client is told that no further request is read.
    func rewrite(_ head: HTTPResponseHead, closes: Bool, for version: HTTPVersion, _ bytes: Span<UInt8>) -> Replacement?
    {
        guard !isFit(head, closes: closes, for: version, bytes) else { return nil }
        var writer = HTTPHeadWriter(capacity: bytes.count + 48)
        writer.write("HTTP/1.1")
        // Behind the version stands a space, the status and the reason.
        let line = 8..<(bytes.firstIndex(of: 0x0a, from: head.reason.upperBound).map { $0 + 1 } ?? bytes.count)
        writer.write(line, of: bytes)
        let nominations = HTTPNominations(head.fields, bytes)
        for field in head.fields {
            if field.name.isHopByHop || nominations.contains(field, bytes) {
                writer.drop(field, of: bytes)
            } else {
                writer.keep(field, of: bytes)
            }
        }
        writer.flush(bytes)
        if head.framing == .chunked, version == .http11 { writer.write("Transfer-Encoding: chunked\r\n") }
        if head.status == 101 {
            writer.write("Connection: Upgrade\r\nUpgrade: websocket\r\n")
        } else if !head.isInterim, closes {
            writer.write("Connection: close\r\n")
        } else if !head.isInterim, version == .http10 {
            writer.write("Connection: keep-alive\r\n")
        }
        writer.write("\r\n")
        return writer.replacement("the head for the client")
    }

    /// Whether the head says of our connection to the client what is true of it.
    private func isFit(
        _ head: HTTPResponseHead, closes: Bool, for version: HTTPVersion, _ bytes: Span<UInt8>
    ) -> Bool {
        guard version == .http11, head.version == .http11, head.status != 101 else { return false }
        var saysClose = false
        for field in head.fields where field.name.isHopByHop {
            let value = bytes.extracting(field.valueRange)
            switch field.name {
            case .transferEncoding: break
            case .connection where value.isEqualIgnoringCase("keep-alive"): break
            case .connection where value.isEqualIgnoringCase("close"): saysClose = true
            default: return false
            }
        }
        return head.isInterim || saysClose == closes
    }
}

extension HTTPHeadWriter {
    fileprivate func replacement(_ reason: String) -> Replacement {
        Replacement(bytes, originalSecrets: originalSecrets, secrets: secrets, reason: reason, keepsBody: true)
    }
}

/// The fields that Connection makes one connection's own (RFC 9110 §7.6.1).
private struct HTTPNominations {
    private let fields: HTTPFields
    private let isEmpty: Bool

    init(_ fields: HTTPFields, _ bytes: Span<UInt8>) {
        self.fields = fields
        isEmpty = !fields.contains(.connection)
    }

    func contains(_ field: HTTPField, _ bytes: Span<UInt8>) -> Bool {
        guard !isEmpty, field.name.canBeNominated else { return false }
        return fields.lists(field.name(in: bytes).lowercased(), in: .connection, bytes)
    }
}

extension HTTPRequestHead {
    /// The target in origin-form (RFC 9112 §3.2.1): what absolute-form adds is in Host already. Asterisk-form as it is.
    func path(in bytes: Span<UInt8>) -> Range<Int> {
        guard targetForm == .absolute else { return target }
        // Behind "scheme://".
        var index = target.lowerBound
        var slashes = 0
        while index < target.upperBound {
            if bytes[index] == UInt8(ascii: "/") { slashes += 1 }
            if slashes == 3 { return index..<target.upperBound }
            index += 1
        }
        return target.upperBound..<target.upperBound
    }
}
