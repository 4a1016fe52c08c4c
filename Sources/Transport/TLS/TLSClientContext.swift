import COpenSSL

/// What sessions with servers are made of. Immutable: a new configuration is a new context, and sessions keep theirs.
public final class TLSClientContext: Sendable {
    let context: OpenSSLContext
    private let verification: Strictness

    private enum Strictness { case full, authority, off }

    public init(_ settings: TLSClientSettings) throws(TLSSettingsFault) {
        context = OpenSSLContext(.client)
        switch settings.verification {
        case .full(let trust):
            verification = .full
            try context.trust(trust)
        case .authority(let trust):
            verification = .authority
            try context.trust(trust)
        case .off:
            verification = .off
        }
        unsafe SSL_CTX_set_verify(context.raw, verification == .off ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nil)
        if let identity = settings.identity { try LoadedIdentity(identity).install(in: context) }
        let protocols = try ApplicationProtocols.encode(settings.applicationProtocols)
        if !protocols.isEmpty {
            let set = unsafe SSL_CTX_set_alpn_protos(context.raw, protocols, UInt32(protocols.count)) == 0
            precondition(set, "OpenSSL refuses a well-formed list of protocols")
        }
    }

    var verifiesPeer: Bool { verification != .off }

    /// Names the server that a session is for: in the handshake, and where its certificate is checked.
    ///
    /// - Returns: whether that is possible; what is neither a name nor an address is nobody's.
    func expect(_ host: String, in session: OpaquePointer) -> Bool {
        if host.isAddress {
            // RFC 6066 §3: an address is no server name.
            guard verification == .full else { return true }
            return unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) == 1
        }
        // OpenSSL would check nothing for an empty name, any subdomain for one that begins with a dot, and no more than
        // what stands before a NUL.
        guard host.isHostName else { return verification != .full }
        var name = Array(host.utf8CString)
        unsafe SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), &name)
        guard verification == .full else { return true }
        unsafe SSL_set_hostflags(session, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        return unsafe SSL_set1_host(session, host) == 1
    }
}
