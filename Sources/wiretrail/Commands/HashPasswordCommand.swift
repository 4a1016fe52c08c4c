import Adapters
import Protocols

extension Command {
    static let hashPassword = Command(
        name: "hash-password",
        summary: "make the verifier of a user's password",
        discussion: """
            Asks for the password without showing it, or reads the first line of standard input, and prints its
            SCRAM-SHA-256 verifier: with it passwords can be checked, but nobody can log in by it. It is what PostgreSQL
            keeps in pg_authid.rolpassword, and PostgreSQL takes it as a password, too.
            """,
        options: [.iterations],
        examples: [
            Example("wiretrail hash-password", "asks twice, prints what belongs behind “verifier:”"),
            Example("openssl rand -hex 16 | tee pw | wiretrail hash-password", "a random one, kept in pw"),
        ],
        run: { (arguments) throws(Failure) in
            try Output.line(try HashPasswordCommand.verifier(try iterations(arguments)))
            return .success
        })

    private static func iterations(_ arguments: Arguments) throws(Failure) -> Int {
        let iterations = try arguments.count(.iterations) ?? 4096
        guard SCRAMVerifier.iterations.contains(iterations) else {
            throw .usage(
                "--iterations cannot be \(iterations)",
                "it is between \(SCRAMVerifier.iterations.lowerBound) and \(SCRAMVerifier.iterations.upperBound)")
        }
        return iterations
    }
}

extension Option {
    fileprivate static let iterations = Option(
        "iterations", "N", help: "how much work a guess is to cost (default: 4096, as PostgreSQL)")
}

private enum HashPasswordCommand {
    static func verifier(_ iterations: Int) throws(Failure) -> String {
        let password = try PasswordPrompt.read()
        // Of what cannot be prepared, clients salt the bytes, in whichever encoding they have them.
        guard password.bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }), let prepared = SASLprep.prepare(password) else {
            throw .usage(
                "the password has characters that passwords may not have (RFC 4013), or is not in UTF-8",
                "choose another, or set it in PostgreSQL and copy rolpassword from pg_authid")
        }
        let verifier = SCRAMVerifier(
            password: prepared, salt: SystemRandom.bytes(16), iterations: iterations, by: OpenSSLCryptography.self)
        return String(decoding: verifier.stored.bytes, as: UTF8.self)
    }
}
