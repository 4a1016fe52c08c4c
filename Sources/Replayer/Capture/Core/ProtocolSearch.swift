import Protocols

/// Asks every protocol whether a flow's first bytes are its own. Ports have no say in it.
struct ProtocolSearch {
    enum Result {
        case found(ProtocolDescriptor, client: FlowSide)
        case needMore
        case none
    }

    private let protocols: [ProtocolDescriptor]
    private let clients: [FlowSide]

    /// - Parameter client: who opened the flow; where that is not certain, either may have.
    init(_ protocols: [ProtocolDescriptor], client: FlowSide, isClientCertain: Bool) {
        self.protocols = protocols
        clients = isClientCertain ? [client] : [client, client.opposite]
    }

    func look(at prologue: FlowPrologue) -> Result {
        var mayBe = false
        for client in clients {
            for descriptor in protocols {
                switch descriptor.detect(prologue[client].span, prologue[client.opposite].span) {
                case .yes: return .found(descriptor, client: client)
                case .needMore: mayBe = true
                case .no: break
                }
            }
        }
        return mayBe ? .needMore : .none
    }
}
