import Protocols
import Transport

/// What a caller is told whose upstream could not be reached or would not have us.
enum PostgresDialFailure {
    static func farewell(
        _ failure: PostgresDial.Failure, _ upstream: PostgresUpstream, within limit: Duration
    ) -> (bytes: [UInt8], reason: String) {
        switch failure {
        case .refused(let message):
            return refused(message, upstream)
        case .transport(.tls(let failure)):
            return told(
                "08001", "Wiretrail does not trust the upstream \(upstream.host): \(failure)",
                hint: "Whoever runs Wiretrail names the authority of its certificate: sslrootcert=FILE in the URL, or "
                    + "“roots” of the target's tls in the configuration.")
        case .transport(let error):
            return told(
                "08001", "Wiretrail cannot reach the upstream \(upstream.host): \(error)",
                hint: "Is the server running, and is the address given to Wiretrail right?")
        case .login(let error):
            return told(
                "28000", "Wiretrail could not log in to \(upstream.host): \(error)",
                hint: hint(for: error, upstream))
        case .fault(let fault):
            return told(
                "08P01", "what answers at \(upstream.host) does not speak the PostgreSQL protocol: \(fault)",
                hint: "Check the port.")
        case .withoutTLS:
            return told(
                "08001", "\(upstream.host) does not offer TLS, which Wiretrail demands of it",
                hint: "Let the server offer it (ssl = on), or say in Wiretrail's configuration: tls: verification: off."
            )
        case .credential(let error):
            return (
                PostgresFarewell.fatal(
                    "28000", "Wiretrail's own credential for \(upstream.host) is not to be had",
                    hint: "Whoever runs Wiretrail finds the reason in its log."),
                "the credential is not to be had: \(error)"
            )
        case .closed:
            return told(
                "08006", "\(upstream.host) closed the connection during the login",
                hint: "The server's log says why.")
        case .silent:
            return told(
                "08001", "\(upstream.host) did not answer within \(limit)",
                hint: "It may be overloaded, or no PostgreSQL server. Check the port.")
        }
    }

    /// The upstream's own error. Where it is about the credential, the caller learns whose that is.
    private static func refused(
        _ message: [UInt8], _ upstream: PostgresUpstream
    ) -> (bytes: [UInt8], reason: String) {
        var fields: [UInt8: String] = [:]
        var decoder = PostgresDiagnosticTexts(message)
        while let (code, text) = decoder.next() { fields[code] = text }
        let code = fields[PostgresDiagnosticField.code.rawValue] ?? ""
        let text = fields[PostgresDiagnosticField.message.rawValue] ?? "no reason given"
        let reason = "the upstream refused the login: \(code)"
        guard code == "28P01" || code == "28000" else { return (message, reason) }
        let who = upstream.user.map { "as user \($0)" } ?? "as the user that you named"
        let source = code == "28P01" ? " Its password comes from PGPASSWORD or .pgpass." : ""
        return (PostgresFarewell.fatal(code, text, hint: "Wiretrail logged in \(who).\(source)"), reason)
    }

    private static func hint(for failure: PostgresLoginFailure, _ upstream: PostgresUpstream) -> String {
        switch failure {
        case .passwordMissing:
            "Put the password for \(upstream.user ?? "the user") into ~/.pgpass, or set PGPASSWORD where Wiretrail starts."
        case .cleartextRefused: "Let the server ask for scram-sha-256 (pg_hba.conf)."
        case .unsupported: "Let the server ask for scram-sha-256, md5 or password (pg_hba.conf)."
        case .channelBindingMissing: "Let the server ask for scram-sha-256, inside TLS (pg_hba.conf: hostssl)."
        case .scram, .outOfOrder: "Something that is not the real server may be answering. Check the address."
        }
    }

    private static func told(_ code: String, _ message: String, hint: String) -> (bytes: [UInt8], reason: String) {
        (PostgresFarewell.fatal(code, message, hint: hint), message)
    }
}

/// The fields of one whole ErrorResponse as text.
private struct PostgresDiagnosticTexts {
    private var rest: ArraySlice<UInt8>

    init(_ message: [UInt8]) { rest = message.dropFirst(PostgresMessage.headerBytes) }

    mutating func next() -> (code: UInt8, text: String)? {
        guard let code = rest.first, code != 0, let end = rest.firstIndex(of: 0) else { return nil }
        let text = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
        rest = rest[(end + 1)...]
        return (code, text)
    }
}
