/// How many bytes of each direction come before a place in a recording.
public struct StreamOffsets: Sendable, Hashable {
    public var clientToServer: UInt64
    public var serverToClient: UInt64

    public init(clientToServer: UInt64 = 0, serverToClient: UInt64 = 0) {
        self.clientToServer = clientToServer
        self.serverToClient = serverToClient
    }

    public subscript(_ direction: Direction) -> UInt64 {
        get { direction == .clientToServer ? clientToServer : serverToClient }
        set {
            switch direction {
            case .clientToServer: clientToServer = newValue
            case .serverToClient: serverToClient = newValue
            }
        }
    }
}
