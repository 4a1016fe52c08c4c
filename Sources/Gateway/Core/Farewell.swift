public import Protocols

/// Why a connection ends before its own end, as its client has to be told.
public enum FarewellCause: Sendable, Equatable {
    /// A peer broke the protocol.
    case fault(WireFault)
    /// What follows cannot be read, and may not pass unread.
    case unreadable(OpaqueReason)
    /// The upstream closed the connection without a word.
    case upstreamGone
    /// That side was waited for in vain.
    case silent(Side)
    /// The gateway is shutting down.
    case draining
    /// The caller is not the one user who is served here.
    case stranger(served: String)
    /// Somebody ended the connection over the control socket.
    case killed(by: String, reason: String)
    /// What proved the caller's identity is no longer valid.
    case credentialOver
    /// The recording cannot go on, so neither can the connection.
    case recordingFailed
}

extension FarewellCause {
    /// The gateway, or whoever runs it, wants the end; both sides could go on.
    public var isOurs: Bool {
        switch self {
        case .draining, .killed, .credentialOver: true
        default: false
        }
    }

    /// For the recording: one clause that says what happened.
    public var reason: String {
        switch self {
        case .fault(let fault): fault.description
        case .unreadable(let reason): "what follows cannot be read: \(reason.rawValue)"
        case .upstreamGone: "the upstream closed the connection without a word"
        case .silent(let side): "the \(side) was waited for in vain"
        case .draining: "the gateway shut down"
        case .stranger(let user): "the caller is not \(user)"
        case .killed(let name, let reason): "killed by \(name)" + (reason.isEmpty ? "" : ": \(reason)")
        case .credentialOver: "the caller's credential has expired"
        case .recordingFailed: "the recording could not go on"
        }
    }
}
