extension ProtocolID {
    public static var ssh: ProtocolID { ProtocolID(rawValue: "ssh") }
}

/// Tells SSH from other protocols by a connection's first bytes.
public enum SSHDetection {
    /// A client says at once what it is. A server may send other lines first (RFC 4253 §4.2): then the client decides.
    public static func detect(client: Span<UInt8>, server: Span<UInt8>) -> Detection {
        switch SSHIdentification.begins(client) {
        case true?: .yes
        case false?: .no
        case nil: client.count == 0 && SSHIdentification.begins(server) == true ? .yes : .needMore
        }
    }
}
