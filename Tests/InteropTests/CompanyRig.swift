import WireTestKit

extension Rig {
    /// As companies run it: TLS and SCRAM on both legs, the target named like the server's database.
    ///
    /// - Parameters:
    ///   - tls: of the listener.
    ///   - more: further lines of `identities`.
    ///   - target: further entries of `targets`.
    ///   - environment: the gateway's, on top of our own.
    static func company(
        logins: String = "[scram]", tls: String = "{ mode: required }", more: String = "", target: String = "",
        roots: String = "root.pem", connections: Int = 100, environment: [String: String] = [:]
    ) async throws -> Rig {
        let place = try await temporaryDirectory("company")
        try await Command("sh", [Repository.root + "/Tests/Harness/pki.sh", place]).output()
        let alice = PostgresSandbox.User(user, .scram, password: password, isSuperuser: true)
        let server = try await PostgresSandbox.start(
            users: [alice], settings: ["max_connections": "\(connections)"],
            certificate: .init(chain: place + "/server.pem", key: place + "/leaf.key"))
        try write(password, to: place + "/password")
        let gateway = try await WiretrailProcess.gateway(
            try await configuration(server, place, logins, tls, target, roots) + more, in: place,
            environment: environment)
        let authority = place + "/state/development-ca.crt"
        return Rig(
            server: server, gateway: gateway, certificates: place,
            direct: Route(port: server.port, password: password, authority: place + "/root.pem"),
            recorded: Route(port: gateway.port, password: password, authority: authority))
    }

    private static func configuration(
        _ server: PostgresSandbox, _ place: String, _ logins: String, _ tls: String, _ target: String,
        _ roots: String
    ) async throws -> String {
        var command = try await WiretrailProcess.command(["hash-password"], in: place)
        command.arguments = ["hash-password"]
        command.input = password
        let verifier = try await command.output().filter { $0 != "\n" }
        return """
            version: 1
            limits: { drain: 300s }
            listeners:
              - address: 127.0.0.1:0
                tls: \(tls)
                logins: \(logins)
            targets:
              - name: postgres
                url: postgres://localhost:\(server.port)/postgres
                credential: { user: \(user), passwordFile: password }
                tls: { verification: full, roots: \(roots) }
            \(target)identities:
              users:
                - name: \(user)
                  groups: [engineers]
                  verifier: "\(verifier)"

            """
    }
}
