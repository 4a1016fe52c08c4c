extension TimelineEvent {
    /// Why a peer leaves (RFC 4253 §11.1).
    static func sshDisconnect(
        _ message: SSHDisconnect, in bytes: Span<UInt8>, _ range: Range<UInt64>, _ direction: Direction,
        from start: Timestamp, at time: Timestamp
    ) -> TimelineEvent {
        let text = DisplayText.decode(bytes.extracting(message.description), limit: 4096)
        let name = sshReasons[message.reason] ?? "reason \(message.reason)"
        var event = TimelineEvent(
            sequence: 0, start: start, end: time, kind: "ssh.disconnect",
            title: "the \(direction.sender) disconnects: \(text.isEmpty ? name : text)",
            outcome: .failed(code: String(message.reason), message: name))
        event.setSSHRange(range, direction)
        return event
    }

    /// SSH_MSG_DEBUG (§11.3).
    static func sshDebug(
        _ message: Range<Int>, in bytes: Span<UInt8>, _ range: Range<UInt64>, _ direction: Direction,
        from start: Timestamp, at time: Timestamp
    ) -> TimelineEvent {
        var event = TimelineEvent(
            sequence: 0, start: start, end: time, kind: "ssh.debug",
            title: DisplayText.decode(bytes.extracting(message), limit: 4096))
        event.setSSHRange(range, direction)
        return event
    }

    /// RFC 4250 §4.2.2.
    private static let sshReasons: [UInt32: String] = [
        1: "host not allowed to connect", 2: "protocol error", 3: "key exchange failed", 4: "reserved",
        5: "MAC error", 6: "compression error", 7: "service not available", 8: "protocol version not supported",
        9: "host key not verifiable", 10: "connection lost", 11: "by application", 12: "too many connections",
        13: "auth cancelled by user", 14: "no more auth methods available", 15: "illegal user name",
    ]

    private mutating func setSSHRange(_ range: Range<UInt64>, _ direction: Direction) {
        if direction == .clientToServer { request = range } else { response = range }
    }
}
