/// Which way bytes travel on one connection.
public enum Direction: UInt8, Sendable, CaseIterable, Codable {
    case clientToServer = 1
    case serverToClient = 2

    @inlinable public var opposite: Direction {
        self == .clientToServer ? .serverToClient : .clientToServer
    }

    /// Its place where something is kept for each direction.
    @inlinable public var slot: Int { self == .clientToServer ? 0 : 1 }

    /// The peer that writes in this direction.
    @inlinable public var sender: Side { self == .clientToServer ? .client : .server }

    /// The peer that reads in this direction.
    @inlinable public var receiver: Side { self == .clientToServer ? .server : .client }
}

/// One end of a connection, seen from the middle.
public enum Side: UInt8, Sendable, CaseIterable, Codable, CustomStringConvertible {
    case client
    case server

    public var description: String { self == .client ? "client" : "server" }
}
