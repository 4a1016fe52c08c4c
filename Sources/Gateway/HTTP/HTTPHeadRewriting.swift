import Protocols

// Heads are this hop's own (RFC 9110 §7.6.1, RFC 9112 §9.6): written anew for the other leg, with the fields that are meant
// for it.

extension HTTPRoute {
    /// The head that the upstream gets; with the content, where that was gathered.
    ///
    /// - Parameters:
    ///   - way: whom it comes from beyond the gateway's peer.
    ///   - wantsPlainAnswer: the answer is to be read, so it is not to be compressed.
    func rewrite(
        _ head: HTTPRequestHead, _ bytes: Span<UInt8>, content: [UInt8]?, _ way: HTTPWay, wantsPlainAnswer: Bool = false
    ) throws(HTTPHeadEncoder.Fault)
        -> Replacement
    {
        var writer = HTTPHeadWriter(try HTTPHeadEncoder(head, target: target(of: head, bytes), bytes), querySecrets)
        writer.markTarget(of: head, in: bytes)
        writer.add(host)
        for credential in credentials {
            guard let value = credential.value else { continue }
            writer.addSecret(credential.name, String(decoding: value.bytes, as: UTF8.self))
        }
        let hopByHop = HTTPHopByHop(head.fields, bytes)
        let asked = bytes.extracting(head.fields.first(.host)?.valueRange ?? 0..<0)
        writer.add("Forwarded", forwarded.value(way, host: asked).span)
        var claims: [String] = []
        var offersExtensions = false
        for field in head.fields {
            switch field.name {
            case .host: break
            case .origin where isOwnOrigin(field, head, bytes): writer.add("Origin", origin)
            case .acceptEncoding where wantsPlainAnswer: break
            // Without it frames stay readable.
            case .secWebSocketExtensions where head.upgrade == .webSocket: offersExtensions = true
            // A content that was gathered was asked for already.
            case .expect where content != nil, .contentLength where content != nil: break
            default:
                if hopByHop.contains(field, bytes) || isReplaced(field, bytes) {
                    writer.drop(field, of: bytes)
                } else if field.claimsOrigin(in: bytes) {
                    if !forwarded.believes(field) { claims.append(field.name(in: bytes)) }
                } else {
                    writer.keep(field, of: bytes)
                }
            }
        }
        // Behind the client's own, which it may have: each hop adds its line (RFC 9110 §7.6.3).
        writer.add(HTTPForwarded.via(head.version))
        if let content {
            writer.add(.length(UInt64(content.count)))
        } else if head.framing == .chunked {
            writer.add(.chunked)
        }
        if head.upgrade == .webSocket {
            writer.add("Connection", "Upgrade")
            writer.add("Upgrade", "websocket")
        }
        var reason = "the head for the upstream"
        if !claims.isEmpty { reason += ", without what the client says of its way: \(claims.joined(separator: ", "))" }
        if offersExtensions { reason += ", without extensions of the WebSocket, so that its frames stay readable" }
        return writer.replacement(content ?? [], reason)
    }

    /// Whether the field is a credential that stays with the gateway.
    private func isReplaced(_ field: HTTPField, _ bytes: Span<UInt8>) -> Bool {
        credentials.contains { field.isNamed($0.name, in: bytes) }
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
    /// - Parameters:
    ///   - closes: whether the client is told that no further request is read.
    ///   - content: what follows, where that was gathered.
    func rewrite(
        _ head: HTTPResponseHead, closes: Bool, for version: HTTPVersion, _ bytes: Span<UInt8>, content: [UInt8]? = nil
    ) -> Replacement? {
        guard content != nil || !isFit(head, closes: closes, for: version, bytes) else { return nil }
        var writer = HTTPHeadWriter(HTTPHeadEncoder(head, bytes), querySecrets)
        let hopByHop = HTTPHopByHop(head.fields, bytes)
        for field in head.fields {
            if hopByHop.contains(field, bytes) || field.name == .contentLength && content != nil {
                writer.drop(field, of: bytes)
            } else if let value = value(inPlaceOf: field, bytes) {
                writer.replace(field, of: bytes, by: value)
            } else {
                writer.keep(field, of: bytes)
            }
        }
        if let content {
            writer.add(.length(UInt64(content.count)))
        } else if head.framing == .chunked, version == .http11 {
            writer.add(.chunked)
        }
        if head.status == 101 {
            writer.add("Connection", "Upgrade")
            writer.add("Upgrade", "websocket")
        } else if !head.isInterim, closes {
            writer.add("Connection", "close")
        } else if !head.isInterim, version == .http10 {
            writer.add("Connection", "keep-alive")
        }
        return writer.replacement(content ?? [], "the head for the client")
    }

    /// Whether the head says of our connection to the client what is true of it.
    private func isFit(
        _ head: HTTPResponseHead, closes: Bool, for version: HTTPVersion, _ bytes: Span<UInt8>
    ) -> Bool {
        guard version == .http11, head.version == .http11, head.status != 101 else { return false }
        var saysClose = false
        for field in head.fields {
            switch field.name {
            case .connection:
                let value = bytes.extracting(field.valueRange)
                if value.isEqualIgnoringCase("keep-alive") { break }
                guard value.isEqualIgnoringCase("close") else { return false }
                saysClose = true
            case .keepAlive, .proxyConnection, .te, .upgrade, .proxyAuthenticate,
                .proxyAuthorization:
                return false
            case .location, .setCookie:
                if self.value(inPlaceOf: field, bytes) != nil { return false }
            default: break
            }
        }
        return head.isInterim || saysClose == closes
    }
}
