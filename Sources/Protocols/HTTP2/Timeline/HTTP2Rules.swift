/// Watches what RFC 9113 asks of both ends beyond the form of their frames: flow control (§5.2, §6.9), how many streams are open at a
/// time (§5.1.2). Says each kind of breach once of a stream, and once of the connection.
///
/// Where a capture came late or has a hole, nobody knows the windows: nothing is said of them any more.
struct HTTP2Rules: Sendable {
    /// What a sender may still send, and what its receiver has set.
    private struct Sender: Sendable, Equatable {
        /// Of the connection.
        var window: Int64 = 65_535
        /// Of a new stream.
        var initialWindow: Int64 = 65_535
        /// Streams that it may open; `nil` where nothing was said.
        var streams: Int64?
        /// The limits that a SETTINGS frame has lowered: they hold once it is acknowledged (§6.5.3).
        var waiting: [(initialWindow: Int64?, streams: Int64?)] = []
        var hasBroken = false

        static func == (left: Sender, right: Sender) -> Bool {
            left.window == right.window && left.initialWindow == right.initialWindow && left.streams == right.streams
                && left.waiting.isEmpty && right.waiting.isEmpty && left.hasBroken == right.hasBroken
        }
    }

    private struct Stream: Sendable {
        let number: UInt32
        /// Of what the client sends, and of what the server does.
        var windows: [2 of Int64]
        var hasBroken = false
    }

    private static let windowMaximum = Int64(Int32.max)

    private var senders: [2 of Sender] = [Sender(), Sender()]
    /// Those that are open.
    private var streams: [Stream] = []
    private var isBlind = false

    init() {}

    /// Nobody knows what the windows are.
    mutating func lose() {
        isBlind = true
        streams = []
    }

    // MARK: Streams

    /// A header block has opened a stream. Says what is wrong with that.
    mutating func open(_ stream: UInt32, by direction: Direction) -> String? {
        guard !isBlind, place(stream) == nil else { return nil }
        streams.append(Stream(number: stream, windows: [senders[0].initialWindow, senders[1].initialWindow]))
        let slot = direction.slot
        guard let most = senders[slot].streams else { return nil }
        let own = streams.count { $0.number & 1 == stream & 1 }
        guard own > most, !exchange(&senders[slot].hasBroken, with: true) else {
            return nil
        }
        return "the \(direction.sender) has \(own) streams open, and may have \(most) (RFC 9113 §5.1.2)"
    }

    mutating func close(_ stream: UInt32) {
        guard let place = place(stream) else { return }
        streams.swapAt(place, streams.count - 1)
        streams.removeLast()
    }

    /// The newest are asked for most.
    private func place(_ stream: UInt32) -> Int? { streams.lastIndex { $0.number == stream } }

    // MARK: Windows

    /// A frame of so many octets that count: data, padding, and its length.
    mutating func sent(_ count: Int, on stream: UInt32, _ direction: Direction) -> String? {
        guard !isBlind, count > 0 else { return nil }
        let slot = direction.slot
        senders[slot].window -= Int64(count)
        let place = place(stream)
        if let place { streams[place].windows[slot] -= Int64(count) }
        if senders[slot].window < 0, !exchange(&senders[slot].hasBroken, with: true) {
            return over(-senders[slot].window, "the connection", direction)
        }
        guard let place, streams[place].windows[slot] < 0, !exchange(&streams[place].hasBroken, with: true) else {
            return nil
        }
        return over(-streams[place].windows[slot], "stream \(stream)", direction)
    }

    private func over(_ count: Int64, _ what: String, _ direction: Direction) -> String {
        "the \(direction.sender) sends \(count) bytes more than the window of \(what) has room for (RFC 9113 §6.9.1)"
    }

    /// WINDOW_UPDATE of one direction is about what the other sends.
    mutating func update(_ stream: UInt32, by increment: UInt32, _ direction: Direction) -> String? {
        guard increment > 0 else {
            return "the \(direction.sender) opens a window by 0 (RFC 9113 §6.9)"
        }
        guard !isBlind else { return nil }
        let slot = direction.opposite.slot
        var window: Int64 = 0
        if stream == 0 {
            senders[slot].window += Int64(increment)
            window = senders[slot].window
        } else if let place = place(stream) {
            streams[place].windows[slot] += Int64(increment)
            window = streams[place].windows[slot]
        }
        guard window > Self.windowMaximum else { return nil }
        return "the \(direction.sender) opens a window beyond 2³¹−1 (RFC 9113 §6.9.1)"
    }

    // MARK: Settings

    /// What one side allows the other. What it lowers holds once it is acknowledged.
    mutating func set(_ settings: [HTTP2Setting], _ direction: Direction) {
        let slot = direction.opposite.slot
        var lowered: (initialWindow: Int64?, streams: Int64?) = (nil, nil)
        for setting in settings {
            let value = Int64(setting.value)
            switch setting.identifier {
            case HTTP2Setting.initialWindowSize:
                if value >= senders[slot].initialWindow {
                    change(slot, initialWindow: value)
                } else {
                    lowered.0 = value
                }
            case HTTP2Setting.concurrentStreams:
                if let now = senders[slot].streams, value >= now {
                    senders[slot].streams = value
                } else {
                    lowered.1 = value
                }
            default: break
            }
        }
        if senders[slot].waiting.count < 100 { senders[slot].waiting.append(lowered) }
    }

    /// The oldest SETTINGS frame of the other side is acknowledged.
    mutating func acknowledged(_ direction: Direction) {
        let slot = direction.slot
        guard !senders[slot].waiting.isEmpty else { return }
        let lowered = senders[slot].waiting.removeFirst()
        if let initialWindow = lowered.initialWindow { change(slot, initialWindow: initialWindow) }
        if let streams = lowered.streams { senders[slot].streams = streams }
    }

    /// §6.9.2: windows of open streams change by as much, and may fall below 0.
    private mutating func change(_ slot: Int, initialWindow: Int64) {
        let difference = initialWindow - senders[slot].initialWindow
        senders[slot].initialWindow = initialWindow
        for place in streams.indices { streams[place].windows[slot] += difference }
    }

    // MARK: Snapshot

    /// `nil` while SETTINGS wait to be acknowledged.
    var snapshot: JSON? {
        guard senders[0].waiting.isEmpty, senders[1].waiting.isEmpty else { return nil }
        let sides = senders.indices.map { index in
            let sender = senders[index]
            return JSON.array([
                .integer(sender.window), .integer(sender.initialWindow), sender.streams.map(JSON.integer) ?? .null,
                .bool(sender.hasBroken),
            ])
        }
        return .object(["blind": .bool(isBlind), "senders": .array(sides)])
    }

    init?(_ snapshot: JSON) {
        guard let isBlind = snapshot["blind"]?.bool, let sides = snapshot["senders"]?.array, sides.count == 2 else {
            return nil
        }
        self.isBlind = isBlind
        for (index, side) in sides.enumerated() {
            guard let members = side.array, members.count == 4, let window = members[0].integer,
                let initialWindow = members[1].integer, let hasBroken = members[3].bool
            else { return nil }
            senders[index].window = window
            senders[index].initialWindow = initialWindow
            senders[index].streams = members[2].integer
            senders[index].hasBroken = hasBroken
        }
    }
}
