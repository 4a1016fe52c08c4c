import Gateway
import Glibc
import Recorder
import Transport

extension Failure {
    /// Why a gateway does not start, and what helps.
    init(_ error: GatewayError) {
        switch error {
        case .notLoopback(let address): self = ListenAddress.notLoopback(address.description)
        case .listen(let address, let fault):
            self.init("cannot listen on \(address): \(fault)", Self.remedy(fault))
        case .recorder(.store(let fault)): self.init(fault)
        case .recorder(.locked(let path, let owner)):
            self.init(
                "\(path) is in use by \(owner)",
                "stop that gateway, or give this one other folders: --state DIR --recordings DIR")
        case .recorder(.diskLow(let path, let free, let minimum)):
            self.init(
                "only \(free >> 20) MiB are free at \(path); recording needs \(minimum >> 20) MiB",
                "make room, or record elsewhere with --recordings DIR")
        case .recorder(let fault): self.init("\(fault)", "look at the disk below the state folder")
        }
    }

    private static func remedy(_ fault: TransportError) -> String {
        guard case .system(_, let code) = fault else { return "choose another address with --listen" }
        return switch code {
        case EADDRINUSE:
            "another program listens there; leave --listen out, or take any free port: --listen 127.0.0.1:0"
        case EACCES: "ports below 1024 are root's; take one above"
        case EADDRNOTAVAIL: "this machine has no such address; 127.0.0.1 always exists"
        default: "choose another address with --listen"
        }
    }
}
