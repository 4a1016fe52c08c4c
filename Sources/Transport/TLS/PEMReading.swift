import COpenSSL
import Protocols

/// An X.509 certificate of OpenSSL's; freed by `deinit`. OpenSSL locks what it caches in it, so threads may share it.
@safe
final class X509Handle: @unchecked Sendable {
    let raw: OpaquePointer

    /// Takes over one reference.
    init(owning raw: OpaquePointer) { unsafe self.raw = raw }

    deinit { unsafe X509_free(raw) }

    var facts: TLSCertificate { unsafe TLSCertificate(raw) }
}

/// What configuration gives as text (RFC 7468), read by OpenSSL.
enum PEMReading {
    /// All certificates of a text, in order.
    static func certificates(_ text: String, _ part: TLSSettingsFault.Part) throws(TLSSettingsFault) -> [X509Handle] {
        let found = try unsafe all(text, part) { bio in
            unsafe PEM_read_bio_X509(bio, nil, refuseToAsk, nil).map { unsafe X509Handle(owning: $0) }
        }
        guard !found.isEmpty else { throw .missing(part) }
        return found
    }

    /// Lends out each revocation list of a text.
    static func revocationLists(_ text: String, _ use: (OpaquePointer) -> Bool) throws(TLSSettingsFault) {
        let taken = try unsafe all(text, .revocationList) { bio -> Bool? in
            guard let list = unsafe PEM_read_bio_X509_CRL(bio, nil, refuseToAsk, nil) else { return nil }
            defer { unsafe X509_CRL_free(list) }
            return unsafe use(list)
        }
        guard !taken.isEmpty else { throw .missing(.revocationList) }
        guard taken.allSatisfy(\.self) else { throw .unreadable(.revocationList) }
    }

    /// - Returns: a reference that the caller owns.
    static func privateKey(_ key: Secret) throws(TLSSettingsFault) -> OpaquePointer {
        guard !key.bytes.isEmpty else { throw .missing(.key) }
        var isEncrypted = false
        let raw = unsafe withReader(key.bytes) {
            unsafe PEM_read_bio_PrivateKey($0, nil, refuseToAsk, &isEncrypted)
        }
        ERR_clear_error()
        if let raw = unsafe raw { return unsafe raw }
        throw isEncrypted ? .encryptedKey : .unreadable(.key)
    }

    /// Reads items until there are no more; anything but the end of the text is a fault.
    private static func all<Item>(
        _ text: String, _ part: TLSSettingsFault.Part, _ next: (OpaquePointer) -> Item?
    ) throws(TLSSettingsFault) -> [Item] {
        ERR_clear_error()
        defer { ERR_clear_error() }
        var items: [Item] = []
        unsafe withReader(Array(text.utf8)) { bio in
            while let item = unsafe next(bio) { items.append(item) }
        }
        // "No start line" is how the end of the text is told.
        guard ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE else { throw .unreadable(part) }
        return items
    }

    private static func withReader<Result>(_ bytes: [UInt8], _ body: (OpaquePointer) -> Result) -> Result {
        unsafe bytes.withUnsafeBytes { bytes in
            guard let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else {
                fatalError("OpenSSL has no memory for a reader")
            }
            defer { unsafe BIO_free(bio) }
            return unsafe body(bio)
        }
    }
}

/// In the place where OpenSSL would ask at the terminal for a passphrase; notes that it would have.
private func refuseToAsk(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _ wasAsked: UnsafeMutableRawPointer?
) -> Int32 {
    // SAFETY: whoever passes anything passes a Bool.
    unsafe wasAsked?.assumingMemoryBound(to: Bool.self).pointee = true
    return -1
}
