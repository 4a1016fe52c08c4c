import COpenSSL

/// One TLS session over a socket's descriptor; owns OpenSSL's object, freed by `deinit`. Confined to its loop.
///
/// It reads by itself. What it wants to send it leaves in `wire.outgoing`, for the socket to send after each call.
// Unchecked: confined to its loop.
@safe
final class TLSSession: @unchecked Sendable {
    private let raw: OpaquePointer
    let wire: TLSWire
    /// The context, which callbacks point to.
    private let owner: AnyObject
    private let verifiesPeer: Bool
    private let expectedHost: String?
    private var hasEnded = false
    private var isEstablished = false
    /// The last call has used up what had come, and the peer has to send more.
    private(set) var isStarved = false
    /// Why nothing more can be read.
    private(set) var failure: TransportError?

    /// The part of a server.
    init(_ context: TLSServerContext, _ descriptor: Int32) {
        owner = context
        unsafe raw = Self.make(context.context)
        wire = TLSWire(descriptor)
        verifiesPeer = unsafe SSL_get_verify_mode(raw) != SSL_VERIFY_NONE
        expectedHost = nil
        unsafe SSL_set_accept_state(raw)
        connectWire()
    }

    /// The part of a client.
    init(_ context: TLSClientContext, to host: String, _ descriptor: Int32) throws(TransportError) {
        owner = context
        unsafe raw = Self.make(context.context)
        wire = TLSWire(descriptor)
        verifiesPeer = context.verifiesPeer
        expectedHost = host
        unsafe SSL_set_connect_state(raw)
        connectWire()
        guard unsafe context.expect(host, in: raw) else { throw .tls(.wrongHost(expected: host)) }
    }

    deinit { unsafe SSL_free(raw) }

    private static func make(_ context: OpenSSLContext) -> OpaquePointer {
        guard let raw = unsafe SSL_new(context.raw) else { fatalError("OpenSSL has no memory for a session") }
        return unsafe raw
    }

    private func connectWire() {
        let bio = unsafe wire.makeBIO()
        // SAFETY: the session takes over the one reference for both directions.
        unsafe SSL_set_bio(raw, bio, bio)
    }

    var facts: TLSFacts { unsafe TLSFacts(of: raw, verifiesPeer: verifiesPeer) }

    // MARK: Steps

    /// Goes on with the handshake, as far as what the peer has sent allows.
    ///
    /// - Returns: whether it is over.
    func shakeHands(isHungUp: Bool) throws(TransportError) -> Bool {
        prepare(isHungUp)
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(raw)
        if result == 1 {
            isEstablished = true
            wire.handshakeIsOver()
            return true
        }
        guard try mayGoOn(result) else { throw fail(.tls(.endedInHandshake)) }
        return false
    }

    /// Reads and decrypts what is there.
    ///
    /// - Returns: how many bytes; 0 after the peer's close_notify; nil if there is nothing now.
    func read(into free: UnsafeMutableRawBufferPointer, isHungUp: Bool) throws(TransportError) -> Int? {
        if let failure { throw failure }
        if hasEnded { return 0 }
        prepare(isHungUp)
        var filled = 0
        while filled < free.count {
            var count = 0
            ERR_clear_error()
            // SAFETY: OpenSSL writes at most what it is told is free.
            let result = unsafe SSL_read_ex(raw, free.baseAddress! + filled, free.count - filled, &count)
            filled += count
            if result == 1 { continue }
            do throws(TransportError) {
                hasEnded = try !mayGoOn(result)
            } catch {
                // What came before is read first; the failure is told next time.
                if filled == 0 { throw error }
            }
            return filled > 0 ? filled : hasEnded ? 0 : nil
        }
        return filled
    }

    private func prepare(_ isHungUp: Bool) {
        isStarved = false
        wire.prepare(isHungUp: isHungUp)
    }

    /// Encrypts bytes into `wire.outgoing`.
    func seal(_ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        var count = 0
        ERR_clear_error()
        guard unsafe SSL_write_ex(raw, bytes.baseAddress, bytes.count, &count) != 1 else { return }
        throw unsafe .tls(TLSFailure(of: raw, host: expectedHost))
    }

    /// Tells the peer that we will send no more: close_notify (RFC 8446 §6.1). Harmless when repeated.
    func sealEnd() {
        guard isEstablished, failure == nil else { return }
        ERR_clear_error()
        if unsafe SSL_get_shutdown(raw) & SSL_SENT_SHUTDOWN == 0 { unsafe SSL_shutdown(raw) }
    }

    /// Ends the session for good.
    func fail(_ error: TransportError) -> TransportError {
        if failure == nil { failure = error }
        return failure ?? error
    }

    /// - Returns: false after close_notify.
    private func mayGoOn(_ result: Int32) throws(TransportError) -> Bool {
        switch unsafe SSL_get_error(raw, result) {
        case SSL_ERROR_WANT_READ:
            isStarved = wire.isDry
            return true
        case SSL_ERROR_ZERO_RETURN: return false
        default:
            if let error = wire.failure { throw fail(error) }
            if wire.hasEnded { throw fail(.tls(isEstablished ? .truncated : .endedInHandshake)) }
            throw unsafe fail(.tls(TLSFailure(of: raw, host: expectedHost)))
        }
    }
}
