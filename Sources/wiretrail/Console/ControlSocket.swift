import Gateway
import Glibc
import Transport

extension Option {
    static let socket = Option(
        "socket", "PATH", help: "the gateway's control socket (default: control.sock in the state folder)")
}

/// Asks the gateway that the user means.
struct ControlSocket {
    private let path: String

    init(_ arguments: Arguments) throws(Failure) {
        var state = try Places(arguments).statePath
        var socket = arguments[.socket]
        if let file = arguments[.config] {
            let settings = try ConfigurationFile.read(file).settings
            socket = socket ?? settings.control.socket
            state = settings.state ?? state
        }
        path = socket ?? "\(state)/\(ControlProtocol.socketName)"
    }

    func follow(_ told: @escaping @Sendable (ControlReply) -> Void) async throws(Failure) {
        do throws(ControlClient.Failure) { try await ControlClient(path: path).follow(told) } catch {
            throw Failure(error, path)
        }
    }

    func ask(_ request: ControlRequest) async throws(Failure) -> [ControlReply] {
        do throws(ControlClient.Failure) { return try await ControlClient(path: path).ask(request) } catch {
            throw Failure(error, path)
        }
    }
}

extension Failure {
    /// Why a gateway did not do what it was asked for, and what helps.
    fileprivate init(_ error: ControlClient.Failure, _ path: String) {
        switch error {
        case .noGateway:
            self.init(
                "no gateway listens on \(path)",
                "start one with `wiretrail record`, or name what the one that you mean was started with: --config FILE or --state DIR"
            )
        case .transport(let fault):
            self.init("\(error)", Self.remedy(fault, path))
        case .endedEarly:
            self.init("\(error)", "has it been stopped? `wiretrail status` tells")
        case .notUnderstood:
            self.init("\(error)", "use the `wiretrail` that the gateway was started from")
        case .refused(let fault):
            self.init(fault.code.exit, fault.message, Self.remedy(fault.code))
        }
    }

    private static func remedy(_ fault: TransportError, _ path: String) -> String {
        switch fault {
        case .system(.connect, errno: EACCES), .system(.connect, errno: EPERM):
            "only the user who runs the gateway, and root, may control it: ls -l '\(path)'"
        case .unusablePath: "a socket's path has at most 107 bytes; keep it in a folder with a shorter path"
        default: "look at the socket: ls -l '\(path)'"
        }
    }

    private static func remedy(_ code: ControlFault.Code) -> String {
        switch code {
        case .badRequest: "use the `wiretrail` that the gateway was started from"
        case .notPermitted: "run it as the user who runs the gateway, or as root"
        case .noSuchSession: "`wiretrail list` tells which sessions are open"
        case .noSuchQuestion: "`wiretrail questions` tells which ones wait"
        case .ownQuestion: "let a second person read the statement and answer"
        case .notReloaded: "the configuration in force stays; `wiretrail config check` tells all that is wrong"
        case .ending: "wait until it has ended, and start it again"
        }
    }
}

extension ControlFault.Code {
    fileprivate var exit: ExitCode {
        switch self {
        case .noSuchSession, .noSuchQuestion: .nothingFound
        default: .failed
        }
    }
}
