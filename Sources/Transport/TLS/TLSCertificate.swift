import COpenSSL
import Glibc
import Protocols

/// What an X.509 certificate says (RFC 5280).
public struct TLSCertificate: Hashable, Sendable {
    /// The certificate itself, in DER.
    public let der: [UInt8]
    /// As RFC 4514 writes it (`CN=alice,O=Example`); all but printable ASCII is escaped.
    public let subject: String
    public let issuer: String
    /// The subject's last common name, if it has one.
    public let commonName: String?
    public let alternativeNames: [AlternativeName]
    /// Seconds since 1970, UTC.
    public let notBefore: Int64
    /// Seconds since 1970, UTC.
    public let notAfter: Int64
    /// The channel binding tls-server-end-point (RFC 5929 §4.1), if this is a server's certificate. There is none where
    /// the signature uses no hash of its own (Ed25519).
    public let endPoint: [UInt8]?
    /// SHA-256 of the DER.
    public let fingerprint: [UInt8]

    /// A subject alternative name (RFC 5280 §4.2.1.6). Those of other kinds, and those that hold a NUL, are left out.
    public enum AlternativeName: Hashable, Sendable {
        case dns(String)
        case email(String)
        case uri(String)
        /// Four or sixteen bytes.
        case address([UInt8])
    }
}

extension TLSCertificate {
    /// Reads a certificate that the caller lends.
    init(_ raw: OpaquePointer) {
        der = unsafe Self.encode(raw)
        subject = unsafe Self.text(X509_get_subject_name(raw))
        issuer = unsafe Self.text(X509_get_issuer_name(raw))
        commonName = unsafe Self.commonName(X509_get_subject_name(raw))
        alternativeNames = unsafe Self.alternativeNames(raw)
        notBefore = unsafe Self.seconds(X509_get0_notBefore(raw))
        notAfter = unsafe Self.seconds(X509_get0_notAfter(raw))
        endPoint = unsafe Self.endPoint(raw)
        fingerprint = unsafe Self.digest(raw, EVP_sha256()) ?? []
    }

    private static func encode(_ raw: OpaquePointer) -> [UInt8] {
        let length = unsafe Int(i2d_X509(raw, nil))
        guard length > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            // SAFETY: the first call has said how much the second one writes.
            var position = buffer.baseAddress
            count = unsafe Int(i2d_X509(raw, &position))
        }
    }

    private static func digest(_ raw: OpaquePointer, _ algorithm: OpaquePointer?) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard unsafe X509_digest(raw, algorithm, &bytes, &length) == 1 else { return nil }
        return Array(bytes[..<Int(length)])
    }

    /// RFC 5929 §4.1: the hash of the certificate's signature, but SHA-256 for MD5 and SHA-1.
    private static func endPoint(_ raw: OpaquePointer) -> [UInt8]? {
        var hash: Int32 = 0
        guard unsafe X509_get_signature_info(raw, &hash, nil, nil, nil) == 1, hash != NID_undef else { return nil }
        if [NID_md5, NID_sha1, NID_md5_sha1].contains(hash) { return unsafe digest(raw, EVP_sha256()) }
        // SAFETY: the name is a constant.
        guard let algorithm = unsafe EVP_get_digestbyname(OBJ_nid2sn(hash)) else { return nil }
        return unsafe digest(raw, algorithm)
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return 0 }
        return unsafe Int64(timegm(&parts))
    }

    // MARK: Names

    private static func text(_ name: OpaquePointer?) -> String {
        unsafe OpenSSLText.written { unsafe X509_NAME_print_ex($0, name, 0, wt_XN_FLAG_RFC2253) }
    }

    private static func commonName(_ name: OpaquePointer?) -> String? {
        var last: Int32 = -1
        while case let next = unsafe X509_NAME_get_index_by_NID(name, NID_commonName, last), next >= 0 { last = next }
        guard last >= 0, let value = unsafe X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)) else {
            return nil
        }
        var start: UnsafeMutablePointer<UInt8>?
        let length = unsafe ASN1_STRING_to_UTF8(&start, value)
        guard length >= 0 else { return nil }
        defer { unsafe CRYPTO_free(start, nil, 0) }
        return unsafe string(UnsafeRawBufferPointer(start: start, count: Int(length)))
    }

    private static func alternativeNames(_ raw: OpaquePointer) -> [AlternativeName] {
        guard let found = unsafe X509_get_ext_d2i(raw, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(found)
        defer { unsafe GENERAL_NAMES_free(names) }
        return unsafe (0..<wt_general_name_count(names)).compactMap { index in
            unsafe wt_general_name(names, index).flatMap { unsafe alternativeName($0.pointee) }
        }
    }

    private static func alternativeName(_ name: GENERAL_NAME) -> AlternativeName? {
        guard unsafe [GEN_DNS, GEN_EMAIL, GEN_URI, GEN_IPADD].contains(name.type),
            // SAFETY: of these four types the member of the union is a string.
            let value = unsafe name.d.ia5
        else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(
            start: ASN1_STRING_get0_data(value), count: Int(ASN1_STRING_length(value)))
        switch unsafe name.type {
        case GEN_DNS: return unsafe string(bytes).map { .dns($0) }
        case GEN_EMAIL: return unsafe string(bytes).map { .email($0) }
        case GEN_URI: return unsafe string(bytes).map { .uri($0) }
        case GEN_IPADD: return unsafe .address(Array(bytes))
        default: return nil
        }
    }

    /// A NUL ends a name for some readers and not for others, so a name that holds one is nobody's.
    private static func string(_ bytes: UnsafeRawBufferPointer) -> String? {
        unsafe bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
    }
}
