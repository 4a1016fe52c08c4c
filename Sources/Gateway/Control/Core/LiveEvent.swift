public import Protocols

/// Something that just happened: a line of the gateway's log, whatever its level.
public struct LiveEvent: Sendable, Equatable {
    /// Nanoseconds since 1970.
    public var time: Int64
    public var level: LogLevel
    public var event: String
    /// The other members, strings and numbers; docs/monitoring.md lists them.
    public var fields: [String: JSON]

    public init(time: Int64, level: LogLevel, event: String, fields: [String: JSON]) {
        self.time = time
        self.level = level
        self.event = event
        self.fields = fields
    }
}

extension LiveEvent {
    var members: [String: JSON] {
        let own: [String: JSON] = [
            "type": "event", "time": .moment(time), "level": .string(level.rawValue), "event": .text(event),
        ]
        return fields.merging(own) { $1 }
    }

    init?(_ value: JSON) {
        guard case .object(var members) = value, let time = members.removeValue(forKey: "time")?.moment,
            let level = members.removeValue(forKey: "level")?.string.flatMap(LogLevel.init),
            let event = members.removeValue(forKey: "event")?.string
        else { return nil }
        members["v"] = nil
        members["type"] = nil
        self.init(time: time, level: level, event: event, fields: members)
    }
}
