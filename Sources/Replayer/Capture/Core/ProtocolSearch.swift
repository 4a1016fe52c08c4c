import Protocols

/// Asks every protocol whether a flow's first bytes are its own. Ports have no say in it.
struct ProtocolSearch {
    enum Result {
        /// What is `midstream` follows upon something that was not captured.
        case found(ProtocolDescriptor, client: FlowSide, midstream: Bool)
        /// Either side may be the client, as far as can be told; this one for want of anything better.
        case guessed(ProtocolDescriptor, client: FlowSide)
        case needMore
        case none
    }

    private let protocols: [ProtocolDescriptor]
    private let clients: [FlowSide]
    private let isClientCertain: Bool

    /// - Parameter client: who opened the flow; where that is not certain, either may have.
    init(_ protocols: [ProtocolDescriptor], client: FlowSide, isClientCertain: Bool) {
        self.protocols = protocols
        self.isClientCertain = isClientCertain
        clients = isClientCertain ? [client] : [client, client.opposite]
    }

    /// - Parameter hasHole: bytes are missing before these.
    func look(at lower: Span<UInt8>, _ higher: Span<UInt8>, hasHole: Bool) -> Result {
        var guess: Result?
        var mayBe = false
        for client in clients {
            for descriptor in protocols {
                switch client == .lower ? descriptor.detect(lower, higher) : descriptor.detect(higher, lower) {
                case .yes: return .found(descriptor, client: client, midstream: false)
                // Whoever saw the SYN, and all since, has seen the beginning.
                case .midstream where !isClientCertain || hasHole:
                    return .found(descriptor, client: client, midstream: true)
                case .eitherWay where isClientCertain: return .found(descriptor, client: client, midstream: false)
                case .eitherWay: guess = guess ?? .guessed(descriptor, client: client)
                case .needMore: mayBe = true
                case .no, .midstream: break
                }
            }
        }
        return guess ?? (mayBe ? .needMore : .none)
    }
}
