import COpenSSL

/// A certificate, its chain and its key as OpenSSL holds them; freed by `deinit`.
// Unchecked: never changed after `init`; OpenSSL counts references atomically.
@safe
final class LoadedIdentity: @unchecked Sendable {
    private let certificate: X509Handle
    private let issuers: OpaquePointer
    private let key: OpaquePointer

    init(_ identity: TLSIdentity) throws(TLSSettingsFault) {
        var chain = try PEMReading.certificates(identity.chain, .chain)
        certificate = chain.removeFirst()
        unsafe key = try PEMReading.privateKey(identity.key)
        guard let issuers = unsafe wt_x509_stack_new() else { fatalError("OpenSSL has no memory for a chain") }
        unsafe self.issuers = issuers
        for issuer in chain {
            withExtendedLifetime(issuer) {
                // SAFETY: the stack owns a reference of its own.
                unsafe X509_up_ref(issuer.raw)
                unsafe wt_x509_stack_push(issuers, issuer.raw)
            }
        }
        guard unsafe X509_check_private_key(certificate.raw, key) == 1 else {
            ERR_clear_error()
            throw .keyOfAnother
        }
    }

    deinit {
        unsafe EVP_PKEY_free(key)
        unsafe wt_x509_stack_free(issuers)
    }

    /// Makes it what all sessions of a context show.
    func install(in context: OpenSSLContext) throws(TLSSettingsFault) {
        ERR_clear_error()
        guard unsafe SSL_CTX_use_cert_and_key(context.raw, certificate.raw, key, issuers, 1) == 1 else {
            defer { ERR_clear_error() }
            throw .unusable(.chain, reason: TLSFailure.text(ERR_peek_last_error()))
        }
    }

    /// Makes it what one session shows, in place of what its context shows.
    func use(in session: OpaquePointer) -> Bool {
        // A certificate with another type of key would stay beside this one.
        unsafe SSL_certs_clear(session)
        return unsafe SSL_use_cert_and_key(session, certificate.raw, key, issuers, 1) == 1
    }

    var facts: TLSCertificate { certificate.facts }

    /// Whether its certificate bears this host's name, wildcards included (RFC 9525 §6.3).
    func isFor(_ host: UnsafePointer<CChar>) -> Bool {
        unsafe X509_check_host(certificate.raw, host, 0, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS), nil) == 1
    }
}
