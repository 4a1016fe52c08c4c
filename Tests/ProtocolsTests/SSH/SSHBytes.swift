import Protocols

/// SSH packets for tests.
enum SSHBytes {
    static func packet(_ payload: [UInt8]) -> [UInt8] {
        var padding = 8 - (payload.count + 5) % 8
        if padding < 4 { padding += 8 }
        if payload.count + padding + 5 < 16 { padding += 8 }
        var bytes: [UInt8] = []
        bytes.appendBE(UInt32(payload.count + padding + 1))
        return bytes + [UInt8(padding)] + payload + [UInt8](repeating: 0, count: padding)
    }

    static func string(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBE(UInt32(text.utf8.count))
        return bytes + Array(text.utf8)
    }

    static func keyExchangeInit(_ lists: [String], guesses: Bool = false) -> [UInt8] {
        packet([20] + [UInt8](repeating: 7, count: 16) + lists.flatMap(string) + [guesses ? 1 : 0, 0, 0, 0, 0])
    }

    /// Lists of ten names, in KEXINIT's order.
    static let usual = [
        "curve25519-sha256,kex-strict-c-v00@openssh.com", "ssh-ed25519", "aes128-ctr,aes256-ctr", "aes256-ctr",
        "hmac-sha2-256", "hmac-sha2-512", "none,zlib", "none", "", "",
    ]

    static let newKeys = packet([21])
    static func disconnect(_ reason: UInt8, _ text: String) -> [UInt8] {
        packet([1, 0, 0, 0, reason] + string(text) + string(""))
    }
    static func line(_ text: String) -> [UInt8] { Array((text + "\r\n").utf8) }
}
