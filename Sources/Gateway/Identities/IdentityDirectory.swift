public import Adapters
public import Protocols
import Synchronization
public import Transport

/// Who may log in, by one generation of the configuration: an ``IdentityStore`` whose issuers change their keys.
///
/// Keys that are served over https are fetched when a token first needs them, again when they are ten minutes old, and
/// when a token names one that is not among them; at most once a minute for each issuer. When a fetch fails, those at
/// hand stay. The next generation keeps them, and when they were fetched, for issuers that are configured as before.
public final class IdentityDirectory: Sendable {
    public typealias Store = IdentityStore<OpenSSLCryptography>

    /// That an issuer's keys could not be fetched, and why.
    public struct KeysNotFetched: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    private struct Remote: Sendable {
        let issuer: String
        let url: String
        var freshness = KeyFreshness()
        var fetching: Task<Void, Never>?
    }

    private struct State {
        var store: Store
        var keys: [String: JSONWebKeySet]
        var remotes: [Remote]
    }

    private let identities: Settings.Identities
    private let secret: Secret
    private let fetch: KeyFetch
    private let report: @Sendable (KeysNotFetched) -> Void
    private let state: Mutex<State>

    /// Reads the keys that are in files.
    ///
    /// - Parameters:
    ///   - predecessor: of the configuration that is to be replaced.
    ///   - secret: as in `IdentityStore`.
    ///   - tls: with which issuers' servers are verified.
    ///   - report: tells the operator.
    public init(
        _ identities: Settings.Identities, after predecessor: IdentityDirectory? = nil, secret: Secret,
        resolver: Resolver, tls: TLSClientContext, report: @escaping @Sendable (KeysNotFetched) -> Void
    ) throws(FileUnusable) {
        self.identities = identities
        self.secret = secret
        self.report = report
        fetch = KeyFetch(resolver: resolver, tls: tls)
        var keys: [String: JSONWebKeySet] = [:]
        for issuer in identities.jwt where !issuer.hasRemoteKeys { keys[issuer.issuer] = try issuer.readKeys() }
        var remotes: [Remote] = []
        for issuer in identities.jwt where issuer.hasRemoteKeys {
            if let (remote, known) = predecessor?.fetched(for: issuer) {
                remotes.append(remote)
                keys[issuer.issuer] = known
            } else {
                remotes.append(Remote(issuer: issuer.issuer, url: issuer.keys))
            }
        }
        state = Mutex(State(store: Store(identities, keys: keys, secret: secret), keys: keys, remotes: remotes))
    }

    /// What was fetched for an issuer of the same settings.
    private func fetched(for issuer: Settings.Identities.Issuer) -> (Remote, JSONWebKeySet)? {
        guard identities.jwt.contains(issuer) else { return nil }
        return state.withLock { state in
            guard var remote = state.remotes.first(where: { $0.issuer == issuer.issuer }),
                let keys = state.keys[issuer.issuer]
            else { return nil }
            // Whoever began it waits for it there.
            remote.fetching = nil
            return (remote, keys)
        }
    }

    /// The issuers whose tokens count, as the configuration names them.
    public var issuers: [String] { identities.jwt.map(\.issuer) }

    /// With the keys that there are now.
    public var store: Store { state.withLock { $0.store } }

    /// Whom a token proves; waits for keys that have to be fetched first. Runs on a loop.
    public nonisolated(nonsending) func identity(
        presenting token: Secret, accepting methods: Set<IdentityMethod>, on loop: EventLoop
    ) async throws(IdentityRefusal) -> Identity {
        let first = attempt(token, methods, loop)
        guard methods.contains(.jwt), let issuer = Store.claimedIssuer(of: token),
            let fetching = fetching(issuer, after: first, on: loop)
        else { return try first.get() }
        await fetching.value
        return try attempt(token, methods, loop).get()
    }

    private func attempt(
        _ token: Secret, _ methods: Set<IdentityMethod>, _ loop: EventLoop
    ) -> Result<Identity, IdentityRefusal> {
        let store = store
        return Result { () throws(IdentityRefusal) in
            try store.identity(presenting: token, accepting: methods, at: loop.now.wallNanoseconds)
        }
    }

    /// The fetch to wait for, after an attempt with the keys that there are: one under way, or one that is due.
    private func fetching(
        _ issuer: String, after attempt: Result<Identity, IdentityRefusal>, on loop: EventLoop
    ) -> Task<Void, Never>? {
        let isMissed = [.failure(.token(.unknownKey)), .failure(.token(.unknownIssuer))].contains(attempt)
        let now = loop.now.monotonicNanoseconds
        return state.withLock { state in
            guard let index = state.remotes.firstIndex(where: { $0.issuer.utf8.elementsEqual(issuer.utf8) }) else {
                return nil
            }
            if state.remotes[index].fetching == nil, state.remotes[index].freshness.isDue(at: now, isMissed: isMissed) {
                state.remotes[index].fetching = begin(index, state.remotes[index].url, on: loop)
            }
            return state.remotes[index].fetching
        }
    }

    private func begin(_ index: Int, _ url: String, on loop: EventLoop) -> Task<Void, Never> {
        Task(executorPreference: loop) { [self] in
            do throws(KeyFetch.Failure) {
                take(try await fetch.keys(at: url, on: loop), of: index, at: loop.now.monotonicNanoseconds)
            } catch {
                state.withLock { $0.remotes[index].fetching = nil }
                report(KeysNotFetched(description: "the keys at \(url) could not be fetched: \(error)"))
            }
        }
    }

    private func take(_ keys: JSONWebKeySet, of index: Int, at now: UInt64) {
        state.withLock { state in
            state.remotes[index].fetching = nil
            state.remotes[index].freshness.succeed(at: now)
            state.keys[state.remotes[index].issuer] = keys
            state.store = Store(identities, keys: state.keys, secret: secret)
        }
    }
}
