/// What both ends of the control socket know (docs/control.md).
///
/// A Unix socket in the state folder. Each line is one JSON object of version 1. A request gets any number of lines with
/// one thing each, and then exactly one that is `done` or `error`; requests on one connection are answered in order.
public enum ControlProtocol {
    public static let version: Int64 = 1
    /// The socket's name within the state folder.
    public static let socketName = "control.sock"
    /// The longest line of a client, without its end; a count of bytes.
    public static let requestBytesMaximum = 16 << 10
    /// The longest line of the gateway, without its end; a count of bytes.
    public static let replyBytesMaximum = 256 << 10
    /// The longest reason that a person may give; a count of Unicode scalars.
    public static let reasonScalarsMaximum = 1000
    /// Of longer texts in a reply only the beginning is told; a count of Unicode scalars. In JSON a scalar takes at most
    /// 12 bytes, so that eight such texts fit one line.
    static let textScalarsMaximum = 2000
}

/// Who asks over the control socket, as the kernel knows them.
public struct ControlActor: Sendable, Hashable {
    public var uid: UInt32
    /// The login name of `uid`.
    public var name: String

    public init(uid: UInt32, name: String) {
        self.uid = uid
        self.name = name
    }
}

/// Why a request was not carried out.
public struct ControlFault: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// The line is no request of this version.
        case badRequest = "bad-request"
        /// The peer is neither the gateway's own user nor root.
        case notPermitted = "not-permitted"
        case noSuchSession = "no-such-session"
        case noSuchQuestion = "no-such-question"
        /// The one who asked is not the one who answers.
        case ownQuestion = "own-question"
        /// There is no configuration to read again, or the new one is invalid; the old one stays in force.
        case notReloaded = "not-reloaded"
        /// The gateway is about to end.
        case ending
    }

    public var code: Code
    /// One sentence without a full stop.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
