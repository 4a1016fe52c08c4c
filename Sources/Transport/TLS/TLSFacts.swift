import COpenSSL

/// What a handshake has settled.
public struct TLSFacts: Hashable, Sendable {
    /// `TLSv1.2` or `TLSv1.3`.
    public let version: String
    /// The cipher suite by its name in the standard: `TLS_AES_256_GCM_SHA384`.
    public let cipher: String
    /// The application protocol (ALPN) that both sides speak, if both named one.
    public let applicationProtocol: String?
    /// The host that the client asked for (SNI). It is the client's text, of up to 255 bytes: see `DisplayText`.
    public let serverName: String?
    public let localCertificate: TLSCertificate?
    public let peerCertificate: TLSCertificate?
    /// Whether the peer's certificate was checked and led to a root that we trust.
    public let isPeerVerified: Bool
}

extension TLSFacts {
    init(of session: OpaquePointer, verifiesPeer: Bool) {
        // SAFETY: names of versions and ciphers are constants.
        version = unsafe String(cString: SSL_get_version(session))
        cipher =
            unsafe SSL_get_current_cipher(session).flatMap { unsafe SSL_CIPHER_standard_name($0) }
            .map { unsafe String(cString: $0) } ?? "unknown"
        applicationProtocol = unsafe Self.applicationProtocol(session)
        serverName = unsafe SSL_get_servername(session, TLSEXT_NAMETYPE_host_name).map { unsafe String(cString: $0) }
        // SAFETY: the session lends both.
        localCertificate = unsafe SSL_get_certificate(session).map { unsafe TLSCertificate($0) }
        peerCertificate = unsafe SSL_get0_peer_certificate(session).map { unsafe TLSCertificate($0) }
        isPeerVerified = unsafe verifiesPeer && peerCertificate != nil && SSL_get_verify_result(session) == X509_V_OK
    }

    private static func applicationProtocol(_ session: OpaquePointer) -> String? {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        unsafe SSL_get0_alpn_selected(session, &name, &length)
        guard length > 0 else { return nil }
        // SAFETY: the session lends the bytes as long as it lives.
        return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
    }
}
