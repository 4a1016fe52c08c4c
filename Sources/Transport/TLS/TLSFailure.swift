import COpenSSL

/// Why a TLS session did not come about, or broke. Names what failed, and holds nothing that the peer sent.
public enum TLSFailure: Error, Hashable, Sendable {
    /// The peer's certificate is not accepted; the reason is one of OpenSSL's (X509_verify_cert_error_string(3)).
    case certificateRefused(reason: String)
    /// The peer's certificate is trusted, but it is another host's.
    case wrongHost(expected: String)
    /// A certificate is demanded, and the peer has shown none.
    case certificateMissing
    /// The peer gave up, and said why with this alert (RFC 8446 §6.2).
    case alert(String)
    /// Neither TLS 1.2 nor 1.3 is what the peer speaks.
    case noCommonVersion
    case noCommonCipher
    /// No application protocol (ALPN, RFC 7301) is spoken by both.
    case noCommonProtocol
    /// What came is no TLS at all.
    case notTLS
    /// The peer's handshake is longer than this many bytes.
    case handshakeTooLong(limit: Int)
    case endedInHandshake
    /// The connection ended without close_notify, so what came last may be missing (RFC 8446 §6.1).
    case truncated
    /// Whatever else OpenSSL objects to, in its words (ERR_reason_error_string(3)).
    case broken(reason: String)
}

extension TLSFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .certificateRefused(let reason): "the peer's certificate is refused: \(reason)"
        case .wrongHost(let expected): "the peer's certificate is not for \(expected)"
        case .certificateMissing: "the peer has shown no certificate"
        case .alert(let text): "the peer refused: \(text)"
        case .noCommonVersion: "the peer speaks neither TLS 1.2 nor TLS 1.3"
        case .noCommonCipher: "no cipher suite is accepted by both sides"
        case .noCommonProtocol: "no application protocol (ALPN) is spoken by both sides"
        case .notTLS: "the peer does not speak TLS"
        case .handshakeTooLong(let limit): "the peer's handshake is longer than \(limit) bytes"
        case .endedInHandshake: "the peer closed the connection during the handshake"
        case .truncated: "the connection was cut: it ended without close_notify"
        case .broken(let reason): "the session broke: \(reason)"
        }
    }
}

extension TLSFailure {
    /// What OpenSSL's error queue says about the call on `ssl` that has just failed; the queue is emptied.
    ///
    /// - Parameter host: the name that the peer's certificate had to have.
    init(of ssl: OpaquePointer, host: String?) {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        let reason = ERR_GET_REASON(code)
        switch reason {
        case SSL_AD_REASON_OFFSET...: self = .alert(Self.alert(code))
        case SSL_R_CERTIFICATE_VERIFY_FAILED: self = unsafe .certificate(SSL_get_verify_result(ssl), host: host)
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: self = .certificateMissing
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_WRONG_SSL_VERSION: self = .noCommonVersion
        case SSL_R_NO_SHARED_CIPHER: self = .noCommonCipher
        case SSL_R_NO_APPLICATION_PROTOCOL: self = .noCommonProtocol
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST: self = .notTLS
        default: self = .broken(reason: Self.text(code))
        }
    }

    private static func certificate(_ result: Int, host: String?) -> TLSFailure {
        if let host, [X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH].contains(Int32(result)) {
            return .wrongHost(expected: host)
        }
        // SAFETY: the text is a constant.
        return .certificateRefused(reason: unsafe String(cString: X509_verify_cert_error_string(result)))
    }

    /// Its name without what OpenSSL puts before it: "tlsv13 alert certificate required".
    private static func alert(_ code: UInt) -> String {
        let words = text(code).split(separator: " ")
        return words.drop { $0 != "alert" }.dropFirst().joined(separator: " ")
    }

    /// OpenSSL's constant text for an error's code.
    static func text(_ code: UInt) -> String {
        // SAFETY: the text is a constant.
        unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) } ?? "unknown error"
    }
}
