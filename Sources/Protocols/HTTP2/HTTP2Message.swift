/// What HTTP/2 peers say (RFC 9113). Ranges count from the frame's first byte.
public enum HTTP2Message: Sendable, Equatable {
    /// The client's first 24 bytes (§3.4).
    case preface
    /// DATA (§6.1): its data follows as body pieces, unless there is none.
    case data(HTTP2Data)
    /// What pads a DATA frame, after its data.
    case padding(stream: UInt32)
    /// HEADERS (§6.2), with the CONTINUATIONs that belong to it.
    case headers(HTTP2Headers)
    case priority(stream: UInt32)
    case reset(stream: UInt32, code: HTTP2ErrorCode)
    case settings([HTTP2Setting])
    case settingsAcknowledgement
    /// PUSH_PROMISE (§6.6), with the CONTINUATIONs that belong to it.
    case pushPromise(HTTP2Promise)
    case ping(isAcknowledgement: Bool)
    case goAway(HTTP2GoAway)
    case windowUpdate(stream: UInt32, increment: UInt32)
    /// A frame of another document or of nobody's (§5.5): its payload follows as body pieces, unless there is none.
    case unknown(type: UInt8, stream: UInt32)
}

public struct HTTP2Data: Sendable, Equatable {
    public var stream: UInt32
    /// Bytes of data, without padding.
    public var count: Int
    /// The sender says no more on this stream.
    public var endsStream: Bool
}

public struct HTTP2Headers: Sendable, Equatable {
    public var stream: UInt32
    public var block: HTTP2HeaderBlock
    public var endsStream: Bool

    public var fields: [HPACKField] { block.fields }
}

public struct HTTP2Promise: Sendable, Equatable {
    public var stream: UInt32
    /// The stream that the answer will come on.
    public var promised: UInt32
    public var block: HTTP2HeaderBlock

    public var fields: [HPACKField] { block.fields }
}

/// The fields of a HEADERS or PUSH_PROMISE frame and of the CONTINUATIONs that belong to it (§4.3).
public struct HTTP2HeaderBlock: Sendable, Equatable {
    var list: HPACKHeaderList
    /// Where the block's parts stand: in the first frame, and in each CONTINUATION.
    var first: Range<Int>
    var continued: [Range<Int>]

    public var fields: [HPACKField] { list.fields.map(list.whole) }

    /// How many CONTINUATION frames it took.
    public var continuations: Int { continued.count }
}

public struct HTTP2GoAway: Sendable, Equatable {
    /// Later streams have not been looked at (§6.8).
    public var lastStream: UInt32
    public var code: HTTP2ErrorCode
    public var debugData: Range<Int>
}

public struct HTTP2Setting: Sendable, Equatable {
    public var identifier: UInt16
    public var value: UInt32

    static let headerTableSize: UInt16 = 1
    static let concurrentStreams: UInt16 = 3
    static let initialWindowSize: UInt16 = 4

    public init(identifier: UInt16, value: UInt32) {
        self.identifier = identifier
        self.value = value
    }

    /// "MAX_FRAME_SIZE" (§6.5.2, RFC 8441 §3, RFC 9218 §2.1); "0xfe03" for one without a name.
    public var name: String {
        switch identifier {
        case 1: "HEADER_TABLE_SIZE"
        case 2: "ENABLE_PUSH"
        case 3: "MAX_CONCURRENT_STREAMS"
        case 4: "INITIAL_WINDOW_SIZE"
        case 5: "MAX_FRAME_SIZE"
        case 6: "MAX_HEADER_LIST_SIZE"
        case 8: "ENABLE_CONNECT_PROTOCOL"
        case 9: "NO_RFC7540_PRIORITIES"
        default: "0x" + String(identifier, radix: 16)
        }
    }
}

/// Why a stream or connection ends (§7).
public struct HTTP2ErrorCode: RawRepresentable, Sendable, Hashable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static var noError: HTTP2ErrorCode { HTTP2ErrorCode(rawValue: 0) }
    public static var refusedStream: HTTP2ErrorCode { HTTP2ErrorCode(rawValue: 7) }
    public static var cancel: HTTP2ErrorCode { HTTP2ErrorCode(rawValue: 8) }

    private static let names = [
        "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
        "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ]

    /// "CANCEL"; the bare number for one without a name.
    public var name: String {
        rawValue < UInt32(Self.names.count) ? Self.names[Int(rawValue)] : String(rawValue)
    }
}
