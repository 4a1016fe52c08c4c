import Protocols
public import Transport

// Settings name files; TLS wants what is in them. They are read anew for each generation of the configuration, so a
// certificate that was renewed counts from the next reload on.

extension Settings.Listener.TLS {
    /// - Parameter development: shown where no certificate is configured.
    public func read(
        _ applicationProtocols: [String], development: TLSIdentity? = nil
    ) throws(FileUnusable) -> TLSServerSettings {
        var identities: [TLSIdentity] = []
        if let certificate, let key { identities.append(try TLSIdentity(certificate: certificate, key: key)) }
        for further in sni { identities.append(try TLSIdentity(certificate: further.certificate, key: further.key)) }
        if identities.isEmpty, let development { identities = [development] }
        return TLSServerSettings(
            identities: identities, clientCertificates: try readTrust(), applicationProtocols: applicationProtocols)
    }

    private func readTrust() throws(FileUnusable) -> TLSServerSettings.ClientCertificates {
        guard let clientCA else { return .notRequested }
        var trust = TLSTrust(roots: .pem(try OperatorFile.text(clientCA)))
        if let crl { trust.revocationLists = [try OperatorFile.text(crl)] }
        return switch clientCertificates {
        case .optional: .optional(trust)
        case .required: .required(trust)
        }
    }
}

extension Settings.Target.TLS {
    /// - Returns: `nil` when there is to be no TLS.
    public func read() throws(FileUnusable) -> TLSClientSettings? {
        guard verification != .off else { return nil }
        let trust = TLSTrust(roots: try readRoots())
        let verification: TLSClientSettings.Verification =
            switch verification {
            case .full: .full(trust)
            case .authority: .authority(trust)
            case .none, .off: .off
            }
        var settings = TLSClientSettings(verification: verification)
        if let certificate, let key { settings.identity = try TLSIdentity(certificate: certificate, key: key) }
        return settings
    }

    private func readRoots() throws(FileUnusable) -> TLSTrust.Roots {
        guard let roots else { return .system }
        return .pem(try OperatorFile.text(roots))
    }
}

extension TLSIdentity {
    fileprivate init(certificate: String, key: String) throws(FileUnusable) {
        self.init(chain: try OperatorFile.text(certificate), key: try OperatorFile.secret(key))
    }
}

extension OperatorFile {
    /// Nobody's chain, roots or revocation lists are longer; in bytes.
    private static var pemMaximum: Int { 16 << 20 }

    fileprivate static func text(_ path: String) throws(FileUnusable) -> String {
        do throws(SettingsFault) {
            let file = try open(path)
            try file.checkOwned()
            return String(decoding: try file.read(limit: pemMaximum), as: UTF8.self)
        } catch { throw FileUnusable(error) }
    }

    fileprivate static func secret(_ path: String) throws(FileUnusable) -> Secret {
        do throws(SettingsFault) {
            let file = try open(path)
            try file.checkSecret()
            return Secret(try file.read(limit: pemMaximum))
        } catch { throw FileUnusable(error) }
    }
}
