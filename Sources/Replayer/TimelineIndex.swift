public import Protocols
public import Recorder

/// Lets timelines of big recordings begin anywhere at once: keeps what is known at the borders of segments (prepared
/// statements, the transaction's state, how many events came before) in a sidecar.
public struct TimelineIndex: Sendable {
    /// The reader's own folder for sidecars; nobody signs them.
    public var folder: String
    public var limits = WireLimits()

    public init(folder: String) { self.folder = folder }

    /// Makes the sidecar of one recording, in place of an earlier one. Reads all of the recording; does nothing while it is
    /// not sealed.
    public func make(_ path: String) throws(StoreFault) {
        var source = try TimelineSource(path, limits: limits)
        try source.makeSidecar(in: folder)
    }
}
