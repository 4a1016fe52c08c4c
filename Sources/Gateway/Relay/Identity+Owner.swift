import Adapters
import Protocols

extension Identity {
    /// Whoever owns the process at the other end of a connection on this machine, by the kernel's word.
    init(_ owner: SystemUser) {
        self.init(subject: owner.name, method: "peer-uid", facts: ["uid": String(owner.uid)])
    }
}
