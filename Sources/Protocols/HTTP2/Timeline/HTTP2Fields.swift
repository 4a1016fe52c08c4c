/// The fields of requests' and calls' events, in the order in which they are told.
enum HTTP2Fields {
    static let method = EventSelection.Name("method")
    static let target = EventSelection.Name("target")
    static let host = EventSelection.Name("host")
    static let scheme = EventSelection.Name("scheme")
    static let `protocol` = EventSelection.Name("protocol")
    static let userAgent = EventSelection.Name("userAgent")
    static let requestType = EventSelection.Name("requestType")
    static let requestBytes = EventSelection.Name("requestBytes")
    static let status = EventSelection.Name("status")
    static let responseType = EventSelection.Name("responseType")
    static let responseCoding = EventSelection.Name("responseCoding")
    static let responseBytes = EventSelection.Name("responseBytes")
    static let interim = EventSelection.Name("interim")
    static let firstByte = EventSelection.Name("firstByte")
    static let pushed = EventSelection.Name("pushed")
    static let reset = EventSelection.Name("reset")
    static let requestOpen = EventSelection.Name("requestOpen")
    static let requestFields = EventSelection.Name("requestFields")
    static let requestTrailers = EventSelection.Name("requestTrailers")
    static let responseFields = EventSelection.Name("responseFields")
    static let responseTrailers = EventSelection.Name("responseTrailers")
}

/// The fields of calls' events alone.
extension HTTP2Fields {
    static let format = EventSelection.Name("format")
    static let timeout = EventSelection.Name("timeout")

    /// Those about one side's messages.
    struct Messages {
        let count: EventSelection.Name
        let bytes: EventSelection.Name
        let coding: EventSelection.Name
        let shown: EventSelection.Name
        let truncated: EventSelection.Name

        private init(_ side: String) {
            count = EventSelection.Name(side + "Messages")
            bytes = EventSelection.Name(side + "Bytes")
            coding = EventSelection.Name(side + "Coding")
            shown = EventSelection.Name(side)
            truncated = EventSelection.Name(side + "Truncated")
        }

        static let sent = Messages("sent")
        static let received = Messages("received")
    }
}

/// The fields of events about the connection.
extension HTTP2Fields {
    static let lastStream = EventSelection.Name("lastStream")
    static let debugData = EventSelection.Name("debugData")
    static let streams = EventSelection.Name("streams")
    static let pings = EventSelection.Name("pings")
    static let windowUpdates = EventSelection.Name("windowUpdates")
    static let resets = EventSelection.Name("resets")
    static let unknownFrames = EventSelection.Name("unknownFrames")
}

extension HTTP2Setting {
    private static let fields = (0..<16).map { EventSelection.Name(HTTP2Setting(identifier: $0, value: 0).name) }

    /// The field that has its value.
    var field: EventSelection.Name {
        Int(identifier) < Self.fields.count ? Self.fields[Int(identifier)] : EventSelection.Name(name)
    }
}
