import Protocols

/// Who makes each request of one connection. Asked by ``HTTPInterceptor``; where there is none, all are made by whoever the
/// connection belongs to.
protocol HTTPCallers: Sendable {
    /// Asked for each request before anything else; again once ``found(_:)`` has been told.
    mutating func caller(of head: HTTPRequestHead, _ bytes: Span<UInt8>) -> HTTPCaller

    /// Whom the credential of ``HTTPCaller/find(_:)`` proves.
    mutating func found(_ result: Result<Identity, IdentityRefusal>)
}

enum HTTPCaller: Sendable {
    case known(Identity)
    /// The credential has to be checked, which may take a while.
    case find(Secret)
    /// The gateway answers by itself: 401 with where to get a token, the metadata of the resource.
    case answer(HTTPAnswer, reason: String)
}
