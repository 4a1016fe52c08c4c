import Protocols

extension Identity {
    /// Whom sessions and upstream connections belong to: a name counts with the issuer that proved it.
    var principal: String { "\(facts["issuer"] ?? "")\n\(subject)" }
}
