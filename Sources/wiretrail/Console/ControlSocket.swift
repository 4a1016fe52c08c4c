import Gateway
import Glibc
import Transport

extension Places {
    /// Asks the gateway that keeps its state here.
    func ask(_ request: ControlRequest) async throws(Failure) -> [ControlReply] {
        do throws(ControlClient.Failure) {
            return try await ControlClient(path: "\(statePath)/\(ControlProtocol.socketName)").ask(request)
        } catch { throw Failure(error, self) }
    }
}

extension Failure {
    /// Why a gateway did not do what it was asked for, and what helps.
    fileprivate init(_ error: ControlClient.Failure, _ places: Places) {
        switch error {
        case .noGateway:
            self.init(
                "no gateway runs with the state folder \(places.statePath)",
                "start one with `wiretrail record`, or name the folder of the one that you mean: --state DIR")
        case .transport(let fault):
            self.init("\(error)", Self.remedy(fault, places))
        case .endedEarly:
            self.init("\(error)", "has it been stopped? `wiretrail status` tells")
        case .notUnderstood:
            self.init("\(error)", "use the `wiretrail` that the gateway was started from")
        case .refused(let fault):
            self.init(fault.code.exit, fault.message, Self.remedy(fault.code))
        }
    }

    private static func remedy(_ fault: TransportError, _ places: Places) -> String {
        switch fault {
        case .system(.connect, errno: EACCES), .system(.connect, errno: EPERM):
            "only the user who runs the gateway, and root, may control it: ls -ld '\(places.statePath)'"
        case .unusablePath: "a socket's path has at most 107 bytes; keep the state in a folder with a shorter path"
        default: "look at the socket: ls -l '\(places.statePath)'"
        }
    }

    private static func remedy(_ code: ControlFault.Code) -> String {
        switch code {
        case .badRequest: "use the `wiretrail` that the gateway was started from"
        case .notPermitted: "run it as the user who runs the gateway, or as root"
        case .noSuchSession: "`wiretrail list` tells which sessions are open"
        case .noSuchQuestion: "`wiretrail questions` tells which ones wait"
        case .ownQuestion: "let a second person read the statement and answer"
        case .notReloaded: "the configuration in force stays as it is"
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
