import Adapters
public import Protocols
import Recorder
import Transport

extension Settings.Listener.TLS {
    /// - Parameter state: where the development authority is kept.
    func assembled(
        _ state: StateFolder, for applicationProtocol: String
    ) throws(AssemblyFault) -> TLSServerContext {
        let development: TLSIdentity? = if certificate == nil { try Self.development(state) } else { nil }
        let settings: TLSServerSettings
        do throws(FileUnusable) { settings = try read([applicationProtocol], development: development) } catch {
            throw AssemblyFault(error)
        }
        do throws(TLSSettingsFault) { return try TLSServerContext(settings) } catch {
            throw AssemblyFault("the listener's tls: \(error)", "look at the files of this listener's tls")
        }
    }

    /// For this machine's names.
    private static func development(_ state: StateFolder) throws(AssemblyFault) -> TLSIdentity {
        do throws(DevelopmentCAFault) {
            return try DevelopmentCA.kept(in: state.path)
                .issue(to: ["localhost", "127.0.0.1", "::1"] + HostNames.own, for: .server)
        } catch { throw AssemblyFault("\(error)", "name a certificate and its key, or remove that file") }
    }
}

extension PostgresUpstream {
    /// The server that a URL names, with TLS as it says.
    public init(_ url: PostgresURL, user: String, password: Secret?) throws(AssemblyFault) {
        self.init(host: url.upstreamHost, user: user, database: url.database, password: password)
        if let context = try url.tls.assembled() { tls = TLS(context, host: url.host) }
    }
}

extension HTTPUpstream {
    /// The server that a URL names, with TLS as it says.
    public init(_ url: HTTPURL) throws(AssemblyFault) {
        self.init(host: url.host, port: url.port, tls: try url.tls.assembled(["http/1.1"]))
    }
}

extension Settings.Target.TLS {
    /// `nil`: no TLS.
    ///
    /// - Parameter protocols: those that are offered to the server (RFC 7301).
    func assembled(_ protocols: [String] = []) throws(AssemblyFault) -> TLSClientContext? {
        let settings: TLSClientSettings?
        do throws(FileUnusable) { settings = try read() } catch { throw AssemblyFault(error) }
        guard var settings else { return nil }
        settings.applicationProtocols = protocols
        do throws(TLSSettingsFault) { return try TLSClientContext(settings) } catch {
            throw AssemblyFault("the target's tls: \(error)", "look at the files that it names")
        }
    }
}
