import Protocols
import Transport

// TLS towards the client: asked for with an SSLRequest, or spoken from the first byte (manual §55.2.11).
extension PostgresReception {
    /// The name by which a client that speaks TLS at once must ask for this protocol.
    private static let applicationProtocol = "postgresql"
    private static let handshakeLimit = Duration.seconds(5)

    /// Shakes hands at once with a client that begins so.
    nonisolated(nonsending) mutating func takeDirectTLS() async throws(TurnedAway) {
        guard let offer = service.tls, try await firstByte() == 0x16 else { return }
        try await shakeHands(offer)
        // Without it, another protocol's client could be led here (ALPACA).
        guard tls?.applicationProtocol == Self.applicationProtocol else {
            throw .gone("it spoke TLS at once, and did not ask for \(Self.applicationProtocol)")
        }
    }

    /// `nil`: it left without one.
    nonisolated(nonsending) private func firstByte() async throws(TurnedAway) -> UInt8? {
        while true {
            await client.readable()
            do throws(TransportError) {
                if let found = try client.peek(1) { return found.first }
            } catch {
                throw .gone(error == .closed ? "it asked for nothing in time" : "the client was lost: \(error)")
            }
        }
    }

    /// Says yes to an SSLRequest, and shakes hands.
    nonisolated(nonsending) mutating func encrypt(
        _ packet: [UInt8], _ offer: PostgresService.TLS
    ) async throws(TurnedAway) {
        // Whatever came with it, in plain, would be taken for a part of the encrypted stream (CVE-2021-23214).
        guard bytes.isEmpty else {
            throw .told(
                .fault(WireFault(.unexpectedMessage, "unencrypted bytes after an SSLRequest", .clientToServer)))
        }
        prologue.heard(packet, "TLS begins", at: client.loop.now)
        try say([UInt8(ascii: "S")])
        try await shakeHands(offer)
    }

    nonisolated(nonsending) private mutating func shakeHands(_ offer: PostgresService.TLS) async throws(TurnedAway) {
        do throws(TransportError) {
            tls = try await client.startTLS(as: offer.context, within: Self.handshakeLimit)
        } catch {
            throw .gone("the TLS handshake failed: \(error)")
        }
    }
}

extension TLSCertificate {
    /// What it says of its owner.
    var client: ClientCertificate {
        var names: [ClientCertificate.Field: [String]] = [.subject: [subject]]
        if let commonName { names[.commonName] = [commonName] }
        for name in alternativeNames {
            switch name {
            case .dns(let name): names[.dns, default: []].append(name)
            case .email(let address): names[.email, default: []].append(address)
            case .uri(let uri): names[.uri, default: []].append(uri)
            case .address: break
            }
        }
        return ClientCertificate(names: names, fingerprint: fingerprint, notAfter: notAfter * 1_000_000_000)
    }
}
