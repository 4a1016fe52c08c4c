import Protocols
import Recorder

extension Command {
    static let keys = Command(
        name: "keys",
        summary: "show the gateway's key and the trusted ones",
        discussion: """
            Each gateway signs its recordings with an Ed25519 key of its own, kept in the state folder. `verify` says
            that a recording holds only when its signer is trusted; a gateway trusts itself from its first start.
            To check recordings elsewhere, print the public key here (--pem), carry it over by a way that you trust,
            and hand it to `wiretrail keys trust` or to `wiretrail verify --key` there.
            """,
        options: [.pem, .state],
        examples: [
            Example("wiretrail keys", "the gateway's key and the trusted ones, with their SHA-256 names"),
            Example("wiretrail keys --pem > gateway.pem", "this gateway's public key, to give to an auditor"),
        ],
        run: { (arguments) throws(Failure) in try KeysCommand(arguments).list() })

    static let keysTrust = Command(
        name: "keys trust",
        summary: "trust another gateway's public key",
        discussion: "Compare the name that it prints with the one that `wiretrail keys` prints on the other machine.",
        operands: [Operand(name: "FILE", help: "an Ed25519 public key in PEM, as `wiretrail keys --pem` prints it")],
        options: [.keyName, .state],
        examples: [Example("wiretrail keys trust berlin.pem", "trusts it under the name “berlin”")],
        run: { (arguments) throws(Failure) in try KeysCommand(arguments).trust(arguments.operands[0]) })

    static let keysDistrust = Command(
        name: "keys distrust",
        summary: "trust a key no longer",
        operands: [Operand(name: "NAME", help: "the name under which it is trusted, as `wiretrail keys` lists it")],
        options: [.state],
        examples: [Example("wiretrail keys distrust berlin", "its recordings are then those of an unknown signer")],
        run: { (arguments) throws(Failure) in try KeysCommand(arguments).distrust(arguments.operands[0]) })
}

extension Option {
    fileprivate static let pem = Option("pem", help: "print the gateway's public key in PEM, and nothing else")
    fileprivate static let keyName = Option("name", "NAME", help: "the name to trust it under (default: the file's)")
}

/// Shows and changes whose signatures count.
private struct KeysCommand {
    let arguments: Arguments
    let places: Places

    init(_ arguments: Arguments) throws(Failure) {
        self.arguments = arguments
        places = try Places(arguments)
    }

    func list() throws(Failure) -> ExitCode {
        let own = try ownKey()
        if arguments.has(.pem) {
            guard let own else {
                throw Failure(
                    "there is no gateway's key in \(places.statePath)",
                    "it is made by the first `wiretrail record`; a key elsewhere is found with --state DIR")
            }
            try Output.write(TrustedKey(name: "gateway", key: own.publicKey).pem)
            return .success
        }
        let style = Style()
        try Output.line(
            style.title("This gateway") + "\n  "
                + (own?.id.description ?? "no key yet; the first `wiretrail record` makes one"))
        try Output.line(style.title("Trusted"))
        let keys = try places.trust().keys
        for key in keys { try Output.line("  \(key.id)  \(style.name(DisplayText.line(key.name)))") }
        if keys.isEmpty { try Output.line("  none") }
        return .success
    }

    func trust(_ path: String) throws(Failure) -> ExitCode {
        var key = try KeyFile.read(path)
        key.name = arguments[.keyName] ?? key.name
        let state = try places.makeState()
        do throws(StoreFault) {
            var store = try TrustStore(state)
            try store.add(key, to: state)
        } catch {
            throw Failure(error.description, "choose another name with --name, or: wiretrail keys distrust NAME")
        }
        try Output.line("trusted as “\(DisplayText.line(key.name))”: \(key.id)")
        return .success
    }

    func distrust(_ name: String) throws(Failure) -> ExitCode {
        var store = try places.trust()
        let names = store.keys.map(\.name)
        var removed: TrustedKey?
        if let state = try places.state() {
            do throws(StoreFault) { removed = try store.remove(named: name, from: state) } catch {
                throw Failure(error)
            }
        }
        guard let removed else {
            let near = Suggestion.nearest(to: name, among: names).map { "did you mean \($0)? " } ?? ""
            throw Failure(
                "no key is trusted under the name “\(name)”",
                near + "trusted are: \(names.isEmpty ? "none" : names.joined(separator: ", "))")
        }
        try Output.line("no longer trusted: \(removed.id)")
        return .success
    }

    private func ownKey() throws(Failure) -> GatewayKey? {
        guard let state = try places.state() else { return nil }
        do throws(StoreFault) { return try GatewayKey.existing(in: state) } catch { throw Failure(error) }
    }
}

/// A public key that the user names.
enum KeyFile {
    static func read(_ path: String) throws(Failure) -> TrustedKey {
        do throws(StoreFault) { return try TrustedKey(file: path) } catch {
            guard case .refused = error else { throw Failure(error) }
            throw Failure(
                error.description,
                "a public key is wanted, as `wiretrail keys --pem` or `openssl pkey -pubout` prints it; never pass on"
                    + " a private one")
        }
    }
}
