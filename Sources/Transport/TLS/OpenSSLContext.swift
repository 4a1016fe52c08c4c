import COpenSSL

/// One SSL_CTX, with what all our sessions have in common; freed by `deinit`.
///
/// TLS 1.2 and 1.3 with ephemeral keys and authenticated encryption. No compression (CRIME), no renegotiation, no
/// session tickets and no cache, so that each connection proves anew who is there; no early data, which could be replayed.
// Unchecked: changed in `init` alone; sessions may be made of it on any thread (openssl-threads(7)).
@safe
final class OpenSSLContext: @unchecked Sendable {
    enum Role { case client, server }

    let raw: OpaquePointer

    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"
    /// None with which a stranger's key share would cost us more than a few milliseconds.
    private static let groups = "X25519:P-256:P-384"
    /// How many certificates may lie between a peer's and its root.
    private static let chainDepth: Int32 = 8
    private static let certificateBytesLimit = 32 << 10
    /// RSA with 2048 bits or more, no SHA-1 (SSL_CTX_set_security_level(3)).
    private static let securityLevel: Int32 = 2

    init(_ role: Role) {
        guard let raw = unsafe SSL_CTX_new(role == .client ? TLS_client_method() : TLS_server_method()) else {
            fatalError("OpenSSL has no memory for a context")
        }
        unsafe self.raw = raw
        unsafe SSL_CTX_set_security_level(raw, Self.securityLevel)
        control(SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION))
        control(SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_3_VERSION))
        let ciphersSet = unsafe SSL_CTX_set_cipher_list(raw, Self.ciphers) == 1
        precondition(ciphersSet && setGroups(), "OpenSSL does not know the ciphers and groups of TLS 1.2")
        unsafe SSL_CTX_set_options(
            raw, wt_SSL_OP_NO_COMPRESSION | wt_SSL_OP_NO_RENEGOTIATION | wt_SSL_OP_NO_TICKET)
        unsafe SSL_CTX_set_num_tickets(raw, 0)
        control(SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF))
        control(SSL_CTRL_SET_MAX_CERT_LIST, Self.certificateBytesLimit)
        unsafe SSL_CTX_set_verify_depth(raw, Self.chainDepth)
        // An idle session keeps no buffers, and one call of recv(2) may bring several records.
        control(SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS))
        control(SSL_CTRL_SET_READ_AHEAD, 1)
    }

    deinit { unsafe SSL_CTX_free(raw) }

    @discardableResult
    private func control(_ command: Int32, _ value: Int) -> Int { unsafe SSL_CTX_ctrl(raw, command, value, nil) }

    private func setGroups() -> Bool {
        var groups = Array(Self.groups.utf8CString)
        return unsafe SSL_CTX_ctrl(raw, SSL_CTRL_SET_GROUPS_LIST, 0, &groups) == 1
    }

    /// Believes these authorities, and none of what they have revoked.
    func trust(_ trust: TLSTrust) throws(TLSSettingsFault) {
        guard let store = unsafe SSL_CTX_get_cert_store(raw) else { throw .missing(.roots) }
        switch trust.roots {
        case .system:
            guard unsafe SSL_CTX_set_default_verify_paths(raw) == 1 else { throw .unreadable(.roots) }
        case .pem(let text):
            for root in try PEMReading.certificates(text, .roots) {
                withExtendedLifetime(root) { unsafe _ = X509_STORE_add_cert(store, root.raw) }
            }
        }
        guard !trust.revocationLists.isEmpty else { return }
        for text in trust.revocationLists {
            try unsafe PEMReading.revocationLists(text) { unsafe X509_STORE_add_crl(store, $0) == 1 }
        }
        unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL))
    }
}
