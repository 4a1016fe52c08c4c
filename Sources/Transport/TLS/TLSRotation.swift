import Synchronization

/// The context that new connections use, which may be replaced at any time, on any thread. Those that live keep theirs.
///
/// ```swift
/// let certificates = TLSRotation(try TLSServerContext(settings))
/// try await socket.startTLS(as: certificates.current, within: .seconds(10))
/// certificates.replace(with: try TLSServerContext(newSettings))
/// ```
public final class TLSRotation<Context: Sendable>: Sendable {
    private let held: Mutex<Context>

    public init(_ context: Context) { held = Mutex(context) }

    public var current: Context { held.withLock { $0 } }

    public func replace(with context: Context) { held.withLock { $0 = context } }
}
