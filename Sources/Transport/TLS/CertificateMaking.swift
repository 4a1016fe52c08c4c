import CLinux
import COpenSSL
import Glibc
import Protocols

/// A P-256 key of OpenSSL's; freed by `deinit`.
@safe
final class GeneratedKey {
    let raw: OpaquePointer

    init() {
        let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard
            unsafe EVP_PKEY_keygen_init(context) == 1
                && EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1
                && EVP_PKEY_keygen(context, &key) == 1, let key = unsafe key
        else { fatalError("OpenSSL makes no P-256 key") }
        unsafe raw = key
    }

    init(_ key: Secret) throws(TLSSettingsFault) { unsafe raw = try PEMReading.privateKey(key) }

    deinit { unsafe EVP_PKEY_free(raw) }

    /// PKCS #8.
    var pem: Secret {
        let text = unsafe OpenSSLText.written { unsafe PEM_write_bio_PrivateKey($0, raw, nil, nil, 0, nil, nil) }
        return Secret(Array(text.utf8))
    }
}

/// What a certificate is to say (RFC 5280 §4).
struct CertificateDraft {
    var commonName: String
    /// In OpenSSL's notation (x509v3_config(5)), in the order in which they are to stand.
    var extensions: [(Int32, String)]
    var days: Int

    static func authority(named name: String) -> CertificateDraft {
        CertificateDraft(
            commonName: name,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"), (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
            ], days: 825)
    }

    /// - Parameter names: hosts and addresses that have been checked: they stand between commas.
    static func leaf(_ names: [String], _ purpose: DevelopmentCA.Purpose, days: Int) -> CertificateDraft {
        let alternatives = names.map { ($0.isAddress ? "IP:" : "DNS:") + $0 }.joined(separator: ",")
        return CertificateDraft(
            commonName: String(names[0].prefix(64)),
            extensions: [
                (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, purpose == .server ? "serverAuth" : "clientAuth"),
                (NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid"),
                (NID_subject_alt_name, alternatives),
            ], days: days)
    }

    /// The certificate for a key, signed with its issuer's; without an issuer it signs itself.
    func signed(for key: GeneratedKey, by issuer: (certificate: X509Handle, key: GeneratedKey)?) -> X509Handle {
        guard let raw = unsafe X509_new() else { fatalError("OpenSSL has no memory for a certificate") }
        let made = unsafe X509Handle(owning: raw)
        let parent = issuer?.certificate ?? made
        withExtendedLifetime(parent) {
            // X.509 counts its versions from 0.
            unsafe X509_set_version(made.raw, 2)
            unsafe ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.raw), .random(in: 1 ... .max))
            // An hour for clocks that are behind ours.
            unsafe X509_gmtime_adj(X509_getm_notBefore(made.raw), -3600)
            unsafe X509_time_adj_ex(X509_getm_notAfter(made.raw), Int32(days), 0, nil)
            unsafe X509_NAME_add_entry_by_NID(
                X509_get_subject_name(made.raw), NID_commonName, MBSTRING_UTF8, commonName, -1, -1, 0)
            unsafe X509_set_issuer_name(made.raw, X509_get_subject_name(parent.raw))
            unsafe X509_set_pubkey(made.raw, key.raw)
            for (kind, value) in extensions { add(kind, value, to: made, by: parent) }
            let signingKey = issuer?.key ?? key
            let size = unsafe X509_sign(made.raw, signingKey.raw, EVP_sha256())
            precondition(size > 0, "OpenSSL signs no certificate")
        }
        return made
    }

    private func add(_ kind: Int32, _ value: String, to made: X509Handle, by parent: X509Handle) {
        // An authority that somebody else has made may have no identifier to point to.
        if kind == NID_authority_key_identifier, unsafe X509_get0_subject_key_id(parent.raw) == nil { return }
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, parent.raw, made.raw, nil, nil, 0)
        guard let found = unsafe X509V3_EXT_conf_nid(nil, &context, kind, value) else {
            fatalError("OpenSSL refuses an extension of ours")
        }
        defer { unsafe X509_EXTENSION_free(found) }
        unsafe X509_add_ext(made.raw, found, -1)
    }
}

/// Text that OpenSSL writes.
enum OpenSSLText {
    static func written(_ write: (OpaquePointer) -> Int32) -> String {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { fatalError("OpenSSL has no memory for a writer") }
        defer { unsafe BIO_free(bio) }
        unsafe _ = write(bio)
        var start: UnsafeMutablePointer<CChar>?
        let length = unsafe BIO_ctrl(bio, BIO_CTRL_INFO, 0, &start)
        // SAFETY: the writer lends out `length` bytes until it is freed.
        return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
    }
}
