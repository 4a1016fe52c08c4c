import CLinux
import COpenSSL
import Glibc
import Protocols

/// A certificate authority for one's own machine, so that TLS can be tried without a real one. Prints no key.
///
/// ```swift
/// let authority = try DevelopmentCA.kept(in: folder)
/// let identity = try authority.issue(to: ["localhost", "127.0.0.1"], for: .server)
/// ```
///
/// Clients trust it by `certificate`: `psql "sslmode=verify-full sslrootcert=FOLDER/development-ca.crt …"`.
public struct DevelopmentCA: Sendable {
    public enum Purpose: Sendable { case server, client }

    /// PEM.
    public let certificate: String
    private let key: Secret

    /// A new authority, for 825 days.
    public init() {
        let key = GeneratedKey()
        let made = CertificateDraft.authority(named: "Wiretrail development authority").signed(for: key, by: nil)
        certificate = Self.pem(made)
        self.key = key.pem
    }

    /// - Parameter pem: the certificate and the key, as `kept(in:)` stores them.
    init(pem: String) throws(TLSSettingsFault) {
        let found = try PEMReading.certificates(pem, .chain)
        certificate = Self.pem(found[0])
        key = Secret(Array(pem.utf8))
        _ = try GeneratedKey(key)
    }

    /// A certificate of its own key, with the authority's behind it.
    ///
    /// - Parameters:
    ///   - names: hosts, wildcards (`*.example.com`) and addresses; the first is also the common name.
    ///   - days: how long it is valid.
    /// - Throws: `.unusableName`
    public func issue(
        to names: [String], for purpose: Purpose, days: Int = 397
    ) throws(DevelopmentCAFault) -> TLSIdentity {
        guard !names.isEmpty else { throw .unusableName("") }
        for name in names {
            let host = name.hasPrefix("*.") ? String(name.dropFirst(2)) : name
            guard name.isAddress || host.isHostName else { throw .unusableName(DisplayText.line(name, limit: 64)) }
        }
        do throws(TLSSettingsFault) {
            let issuer = (try PEMReading.certificates(certificate, .chain)[0], try GeneratedKey(key))
            let leafKey = GeneratedKey()
            let leaf = CertificateDraft.leaf(names, purpose, days: days).signed(for: leafKey, by: issuer)
            return TLSIdentity(chain: Self.pem(leaf) + certificate, key: leafKey.pem)
        } catch { throw .unusable(error) }
    }

    private static func pem(_ certificate: X509Handle) -> String {
        unsafe OpenSSLText.written { unsafe PEM_write_bio_X509($0, certificate.raw) }
    }
}

/// Why a development authority cannot be used.
public enum DevelopmentCAFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Neither a host's name nor an address.
    case unusableName(String)
    case unusable(TLSSettingsFault)
    /// Others may read or replace the key's file.
    case exposed(path: String)
    /// Its time is over; a new one has to be trusted anew.
    case expired(path: String)
    case system(path: String, errno: Int32)

    public var description: String {
        switch self {
        case .unusableName(let name): "not a host's name or address: \(name)"
        case .unusable(let fault): "the development authority cannot be used: \(fault)"
        case .exposed(let path): "others may open \(path), or own it; run: chmod 600 '\(path)'"
        case .expired(let path): "the development authority has expired; remove \(path), and clients trust the new one"
        // SAFETY: strerror returns a C string; glibc keeps it per thread.
        case .system(let path, let number): "\(path): \(unsafe String(cString: strerror(number)))"
        }
    }
}

// MARK: Files

extension DevelopmentCA {
    /// The authority that a folder holds, or a new one if it holds none: `development-ca.key` (key and certificate, mode
    /// 0600) and `development-ca.crt` (the certificate, for clients). Blocks on the file system.
    ///
    /// - Throws: `.exposed` if others could know the key.
    public static func kept(in folder: String) throws(DevelopmentCAFault) -> DevelopmentCA {
        let path = folder + "/development-ca.key"
        let certificatePath = folder + "/development-ca.crt"
        if let text = try readSecret(path) {
            let found = try checked(text, path)
            _ = try write(Array(found.certificate.utf8), to: certificatePath, mode: 0o644)
            return found
        }
        let new = DevelopmentCA()
        // The certificate of one that is gone.
        unsafe unlink(certificatePath)
        _ = try write(Array(new.certificate.utf8) + new.key.bytes, to: path, mode: 0o600)
        // Ours, or the one that another process has made meanwhile.
        return try kept(in: folder)
    }

    private static func checked(_ text: String, _ path: String) throws(DevelopmentCAFault) -> DevelopmentCA {
        do throws(TLSSettingsFault) {
            let found = try DevelopmentCA(pem: text)
            let end = try PEMReading.certificates(found.certificate, .chain)[0].facts.notAfter
            if end > Int64(time(nil)) { return found }
        } catch { throw .unusable(error) }
        throw .expired(path: path)
    }

    /// - Returns: nil if there is no such file.
    private static func readSecret(_ path: String) throws(DevelopmentCAFault) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .system(path: path, errno: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(path: path, errno: errno) }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else { throw .exposed(path: path) }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw .system(path: path, errno: errno) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Writes a new file in one step: nobody sees half of it.
    ///
    /// - Returns: false if there is such a file.
    private static func write(
        _ bytes: [UInt8], to path: String, mode: mode_t
    ) throws(DevelopmentCAFault) -> Bool {
        let draft = "\(path).\(getpid())"
        unsafe unlink(draft)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw .system(path: draft, errno: errno) }
        defer {
            close(descriptor)
            unsafe unlink(draft)
        }
        guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw .system(path: draft, errno: errno)
        }
        if unsafe link(draft, path) == 0 { return true }
        if errno == EEXIST { return false }
        throw .system(path: path, errno: errno)
    }
}
