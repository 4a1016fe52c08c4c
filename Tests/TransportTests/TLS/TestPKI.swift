import Protocols
import Transport
import WireTestKit

/// The certificates that Tests/Harness/pki.sh makes, once per test run.
struct TestPKI: Sendable {
    private let files: [String: String]

    static var shared: TestPKI {
        get async throws { try await made.value }
    }

    private static let made = Task {
        let folder = ScratchFolder()
        try await Command("sh", [Repository.root + "/Tests/Harness/pki.sh", folder.path]).output()
        let paths = ["pem", "key", "crl"].flatMap { Repository.files(in: folder.path, endingIn: "." + $0) }
        return TestPKI(
            files: Dictionary(
                uniqueKeysWithValues: paths.map { (String($0.dropFirst(folder.path.count + 1)), read($0) ?? "") }))
    }

    /// The text of a file.
    subscript(name: String) -> String { files[name]! }

    func identity(_ name: String, key: String = "leaf") -> TLSIdentity {
        TLSIdentity(chain: self[name + ".pem"], key: Secret(Array(self[key + ".key"].utf8)))
    }

    /// Trusts the root, and if asked looks at what it has revoked.
    func trust(_ name: String = "root", revocationLists: [String] = []) -> TLSTrust {
        TLSTrust(roots: .pem(self[name + ".pem"]), revocationLists: revocationLists.map { self[$0 + ".crl"] })
    }

    func server(
        _ name: String = "server", key: String = "leaf", protocols: [String] = [],
        clients: TLSServerSettings.ClientCertificates = .notRequested
    ) throws -> TLSServerContext {
        try TLSServerContext(
            TLSServerSettings(
                identities: [identity(name, key: key)], clientCertificates: clients, applicationProtocols: protocols))
    }

    func client(
        _ verification: TLSClientSettings.Verification? = nil, identity: String? = nil, protocols: [String] = []
    ) throws -> TLSClientContext {
        try TLSClientContext(
            TLSClientSettings(
                verification: verification ?? .full(trust()), identity: identity.map { self.identity($0) },
                applicationProtocols: protocols))
    }

    /// Writes all files, for programs that read them.
    func write(to folder: String) throws {
        for (name, text) in files { try WireTestKit.write(text, to: folder + "/" + name) }
    }
}
