/// What an SSH connection shows before its keys are in use (RFC 4253). Ranges count from the message's first byte.
public enum SSHMessage: Sendable, Equatable {
    /// A line that the server sends before its identification (§4.2); the range leaves the line's end out.
    case line(Range<Int>)
    case identification(SSHIdentification)
    case keyExchangeInit(SSHKeyExchangeInit)
    /// Messages 30 to 49 belong to the key exchange method, which both KEXINITs together tell (§7, §8).
    case keyExchange(number: UInt8, payload: Range<Int>)
    /// What this peer sends next is protected by the new keys (§7.3).
    case newKeys
    case disconnect(SSHDisconnect)
    case ignore
    case unimplemented(sequenceNumber: UInt32)
    case debug(message: Range<Int>)
}

/// "SSH-2.0-OpenSSH_9.2p1 Debian-2" (§4.2).
public struct SSHIdentification: Sendable, Equatable {
    /// The whole line without its end.
    public var line: Range<Int>
    /// "2.0"; "1.99" from servers that speak both versions (§5.1).
    public var version: Range<Int>
    public var software: Range<Int>
    /// `nil` without a space behind the software.
    public var comments: Range<Int>?
}

/// SSH_MSG_KEXINIT: what a peer can do, most wanted first (§7.1). Ranges are name-lists, names separated by commas.
public struct SSHKeyExchangeInit: Sendable, Equatable {
    public var keyExchange: Range<Int>
    public var hostKey: Range<Int>
    public var cipher: SSHPerDirection
    public var mac: SSHPerDirection
    public var compression: SSHPerDirection
    public var languages: SSHPerDirection
    /// A key exchange packet by the first method of each list follows without waiting for the other side's KEXINIT.
    public var guesses: Bool
}

/// Name-lists of the two directions.
public struct SSHPerDirection: Sendable, Equatable {
    public var clientToServer: Range<Int>
    public var serverToClient: Range<Int>

    public subscript(_ direction: Direction) -> Range<Int> {
        direction == .clientToServer ? clientToServer : serverToClient
    }
}

/// SSH_MSG_DISCONNECT (§11.1).
public struct SSHDisconnect: Sendable, Equatable {
    public var reason: UInt32
    public var description: Range<Int>
}

/// Message numbers (RFC 4250 §4.1.2).
enum SSHMessageNumber {
    static let disconnect: UInt8 = 1
    static let ignore: UInt8 = 2
    static let unimplemented: UInt8 = 3
    static let debug: UInt8 = 4
    static let keyExchangeInit: UInt8 = 20
    static let newKeys: UInt8 = 21
    static let keyExchange: ClosedRange<UInt8> = 30...49
}
