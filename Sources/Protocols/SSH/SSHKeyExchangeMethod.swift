/// What a message of the key exchange is called by its method.
enum SSHKeyExchangeMethod: Sendable, Equatable {
    /// RFC 4253 §8.
    case diffieHellman
    /// RFC 4419.
    case groupExchange
    /// RFC 5656 §4, RFC 8731, draft-ietf-sshm-ntruprime-ssh.
    case ellipticCurve
    /// draft-ietf-sshm-mlkem-hybrid-kex.
    case hybrid
    /// RFC 4432.
    case rsa
    /// RFC 4462 §2.
    case gss
    case unknown

    init(_ name: String?) {
        let name = name ?? ""
        self =
            if name.hasPrefix("diffie-hellman-group-exchange-") {
                .groupExchange
            } else if name.hasPrefix("diffie-hellman-") {
                .diffieHellman
            } else if name.hasPrefix("mlkem") || name.contains("kyber") {
                .hybrid
            } else if name.hasPrefix("ecdh-") || name.hasPrefix("curve") || name.hasPrefix("sntrup") {
                .ellipticCurve
            } else if name.hasPrefix("rsa") {
                .rsa
            } else if name.hasPrefix("gss-") {
                .gss
            } else {
                .unknown
            }
    }

    /// "KEX_ECDH_INIT"; the bare number where the method does not tell.
    func messageName(_ number: UInt8) -> String {
        let names: [UInt8: String] =
            switch self {
            case .diffieHellman: [30: "KEXDH_INIT", 31: "KEXDH_REPLY"]
            case .groupExchange:
                [
                    30: "KEX_DH_GEX_REQUEST_OLD", 31: "KEX_DH_GEX_GROUP", 32: "KEX_DH_GEX_INIT",
                    33: "KEX_DH_GEX_REPLY", 34: "KEX_DH_GEX_REQUEST",
                ]
            case .ellipticCurve: [30: "KEX_ECDH_INIT", 31: "KEX_ECDH_REPLY"]
            case .hybrid: [30: "KEX_HYBRID_INIT", 31: "KEX_HYBRID_REPLY"]
            case .rsa: [30: "KEXRSA_PUBKEY", 31: "KEXRSA_SECRET", 32: "KEXRSA_DONE"]
            case .gss:
                [
                    30: "KEXGSS_INIT", 31: "KEXGSS_CONTINUE", 32: "KEXGSS_COMPLETE", 33: "KEXGSS_HOSTKEY",
                    34: "KEXGSS_ERROR", 40: "KEXGSS_GROUPREQ", 41: "KEXGSS_GROUP",
                ]
            case .unknown: [:]
            }
        return names[number] ?? "message \(number)"
    }

    /// The server's message that begins with its host key.
    var hostKeyMessage: UInt8? {
        switch self {
        case .diffieHellman, .ellipticCurve, .hybrid: 31
        case .groupExchange: 33
        case .rsa: 30
        case .gss: 33
        case .unknown: nil
        }
    }
}
