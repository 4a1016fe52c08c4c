import Protocols
import Adapters
import Recorder
import Transport

extension Settings.Listener.TLS {
    /// - Parameter state: where the development authority is kept.
    func assembled(_ state: StateFolder) throws(AssemblyFault) -> PostgresService.TLS {
        var identities: [TLSIdentity] = []
        if let certificate, let key {
            identities.append(try TLSIdentity(chain: certificate, key: key))
        } else {
            identities.append(try Self.development(state))
        }
        for further in sni { identities.append(try TLSIdentity(chain: further.certificate, key: further.key)) }
        let clients: TLSServerSettings.ClientCertificates
        if let clientCA {
            let lists: [String] = if let crl { [try PEMFile.text(crl)] } else { [] }
            let trust = TLSTrust(roots: .pem(try PEMFile.text(clientCA)), revocationLists: lists)
            clients = clientCertificates == .required ? .required(trust) : .optional(trust)
        } else {
            clients = .notRequested
        }
        let settings = TLSServerSettings(
            identities: identities, clientCertificates: clients, applicationProtocols: ["postgresql"])
        do throws(TLSSettingsFault) {
            return PostgresService.TLS(try TLSServerContext(settings), isRequired: mode == .required)
        } catch { throw AssemblyFault("the listener's tls: \(error)", "look at the files of this listener's tls") }
    }
}

extension Settings.Listener.TLS {
    /// For this machine's names.
    private static func development(_ state: StateFolder) throws(AssemblyFault) -> TLSIdentity {
        do throws(DevelopmentCAFault) {
            return try DevelopmentCA.kept(in: state.path)
                .issue(to: ["localhost", "127.0.0.1", "::1"] + HostNames.own, for: .server)
        } catch { throw AssemblyFault("\(error)", "name a certificate and its key, or remove that file") }
    }
}

extension Settings.Target.TLS {
    /// `nil`: no TLS.
    func assembled() throws(AssemblyFault) -> TLSClientContext? {
        let verification: TLSClientSettings.Verification
        switch self.verification {
        case .off: return nil
        case .none: verification = .off
        case .authority: verification = .authority(try trust())
        case .full: verification = .full(try trust())
        }
        var identity: TLSIdentity?
        if let certificate, let key { identity = try TLSIdentity(chain: certificate, key: key) }
        do throws(TLSSettingsFault) {
            return try TLSClientContext(TLSClientSettings(verification: verification, identity: identity))
        } catch { throw AssemblyFault("the target's tls: \(error)", "look at the files that it names") }
    }

    private func trust() throws(AssemblyFault) -> TLSTrust {
        TLSTrust(roots: try roots.map { (path) throws(AssemblyFault) in .pem(try PEMFile.text(path)) } ?? .system)
    }
}

extension TLSIdentity {
    fileprivate init(chain: String, key: String) throws(AssemblyFault) {
        self.init(chain: try PEMFile.text(chain), key: try PEMFile.secret(key))
    }
}

/// Files that the operator has put there.
enum PEMFile {
    private static let limit = 4 << 20

    static func text(_ path: String) throws(AssemblyFault) -> String {
        String(decoding: try bytes(path, isSecret: false), as: UTF8.self)
    }

    static func secret(_ path: String) throws(AssemblyFault) -> Secret {
        Secret(try bytes(path, isSecret: true))
    }

    static func bytes(_ path: String, isSecret: Bool) throws(AssemblyFault) -> [UInt8] {
        do throws(SettingsFault) {
            let file = try OperatorFile.open(path)
            if isSecret { try file.checkSecret() } else { try file.checkOwned() }
            return try file.read(limit: limit)
        } catch { throw AssemblyFault(error) }
    }
}
