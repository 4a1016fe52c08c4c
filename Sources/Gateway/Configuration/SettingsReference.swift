import Adapters
import Transport

/// Something outside of the file that the settings count on, to be looked at once all of them have been read.
struct SettingsReference: Sendable {
    enum Subject: Sendable {
        /// A certificate, a revocation list.
        case file(path: String)
        /// A password or a private key: nobody else may read it.
        case secret(path: String)
        /// An issuer's public keys (JWKS).
        case keySet(path: String)
        /// An environment variable.
        case variable(name: String)
        /// Certificates and keys that have to fit each other. Looked at when all files are there.
        case server(Settings.Listener.TLS)
        case client(Settings.Target.TLS)
        /// Certificates that every password has to be bound to.
        case binding(Settings.Listener.TLS)
    }

    let subject: Subject
    let name: String
    let position: YAMLPosition

    /// - Parameter environment: gives variables by their names.
    func check(_ environment: (String) -> String?) throws(SettingsFault) {
        switch subject {
        case .file(let path): try OperatorFile.open(path).checkOwned()
        case .secret(let path): try OperatorFile.open(path).checkSecret()
        case .keySet(let path): _ = try OperatorFile.open(path).readKeySet()
        case .variable(let name):
            guard environment(name)?.isEmpty ?? true else { return }
            throw SettingsFault(
                cause: "the environment variable \(name) is not set", remedy: "set it where the gateway is started")
        case .server(let tls):
            try Self.check { () throws(FileUnusable) in
                try tls.read([])
            } by: {
                (settings) throws(TLSSettingsFault) in
                if !settings.identities.isEmpty { _ = try TLSServerContext(settings) }
            }
        case .binding(let tls): try Self.checkBinding(tls)
        case .client(let tls):
            try Self.check { () throws(FileUnusable) in
                try tls.read()
            } by: {
                (settings) throws(TLSSettingsFault) in
                if let settings { _ = try TLSClientContext(settings) }
            }
        }
    }

    /// Whether it takes the files of other references.
    var isComposed: Bool {
        switch subject {
        case .file, .secret, .keySet, .variable: false
        case .server, .client, .binding: true
        }
    }

    /// RFC 5929 §4.1 binds to the hash that a certificate is signed with; where a signature names none, there is no binding.
    private static func checkBinding(_ tls: Settings.Listener.TLS) throws(SettingsFault) {
        // What is wrong with the files themselves is told by another reference.
        guard let settings = try? tls.read([]), !settings.identities.isEmpty,
            let certificates = try? TLSServerContext(settings).certificates,
            let unbound = certificates.first(where: { $0.endPoint == nil })
        else { return }
        throw SettingsFault(
            cause:
                "no password can be bound to the certificate of \(unbound.subject): it is signed without a hash (Ed25519)",
            remedy: "take a certificate whose issuer signs with ECDSA or RSA, or write “offered”")
    }

    private static func check<Value>(
        _ read: () throws(FileUnusable) -> Value, by make: (Value) throws(TLSSettingsFault) -> Void
    ) throws(SettingsFault) {
        let value: Value
        do throws(FileUnusable) { value = try read() } catch {
            throw SettingsFault(cause: error.cause, remedy: error.remedy)
        }
        do throws(TLSSettingsFault) { try make(value) } catch {
            throw SettingsFault(cause: error.description, remedy: "look at it: openssl x509 -text -in FILE")
        }
    }
}
