import Protocols

/// The last error that a Postgres client gets from the gateway itself.
enum PostgresFarewell {
    static func bytes(for cause: FarewellCause) -> [UInt8] {
        switch cause {
        case .fault(let fault):
            fatal(
                "08P01", "Wiretrail ended the connection: \(fault)",
                hint: "The \(fault.direction.sender) broke the protocol.")
        case .unreadable(.tls):
            fatal(
                "0A000", "Wiretrail does not offer TLS on this address",
                hint: "Connect with sslmode=disable or sslmode=prefer and without sslnegotiation=direct.")
        case .unreadable(let reason):
            fatal("08P01", "Wiretrail cannot read what follows: \(reason.rawValue)", hint: nil)
        case .upstreamGone:
            fatal(
                "08006", "the upstream server closed the connection unexpectedly",
                hint: "The server may have been stopped, or have crashed. Connect again to retry.")
        case .silent(let side):
            fatal("08006", "the \(side) was silent for too long", hint: nil)
        case .draining:
            fatal("57P01", "Wiretrail is shutting down", hint: "Connect again in a moment.")
        case .killed(let name, let reason):
            fatal(
                "57P01", "terminating connection due to a command of \(DisplayText.line(name))",
                hint: reason.isEmpty ? nil : "The reason that was given: \(DisplayText.line(reason))")
        case .credentialOver:
            fatal(
                "28000", "the credential that you logged in with has expired",
                hint: "Get a new one, and connect again.")
        case .stranger(let user):
            fatal(
                "28000", "Wiretrail serves only the user who started it (\(user)) on this address",
                hint: "Connect as that user, on the machine that Wiretrail runs on.")
        case .recordingFailed:
            fatal(
                "58030", "Wiretrail cannot go on recording, so the connection ends",
                hint: "Ask whoever runs Wiretrail to look at the disk that holds its recordings.")
        }
    }

    static func fatal(_ code: String, _ message: String, hint: String?) -> [UInt8] {
        PostgresEncoding.errorResponse(
            PostgresEncoding.Diagnostic(severity: "FATAL", code: code, message: message, hint: hint))
    }

    /// Whether a server's error announces the connection's end.
    static func isFatal(_ error: PostgresMessage.Diagnostic, _ bytes: Span<UInt8>) -> Bool {
        guard let severity = error.text(.severity, in: bytes) ?? error.text(.localizedSeverity, in: bytes) else {
            return false
        }
        let first = bytes[severity.lowerBound]
        return first == UInt8(ascii: "F") || first == UInt8(ascii: "P")
    }
}
