import COpenSSL
import Glibc

/// What lies between OpenSSL and a socket. Reading takes from the descriptor at once, into OpenSSL's own buffer; what
/// OpenSSL writes is gathered, and the socket sends it. So OpenSSL never waits for a writable socket.
// Unchecked: confined to its loop.
@safe
final class TLSWire: @unchecked Sendable {
    private let descriptor: Int32
    /// What is to be sent, as it goes over the wire.
    var outgoing = OutgoingQueue()
    /// The kernel had no more for us when we last asked.
    private(set) var isDry = false
    /// How much one call of OpenSSL's may still read. It goes on by itself while records come that hold no data, and a
    /// peer that sends nothing else would keep the loop from everybody.
    private var callRest = 0
    /// After a short read the next one would find nothing; but not if the end has come.
    private var trustsShortReads = false
    private(set) var hasEnded = false
    private(set) var failure: TransportError?
    /// How much of the peer's handshake we still take.
    private var handshakeRest: Int? = TLSWire.handshakeLimit

    /// A handshake with certificates takes 2 to 8 KiB.
    static let handshakeLimit = 64 << 10
    static let callLimit = 128 << 10

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        outgoing.release(upTo: .max)
    }

    /// Nothing can be sent any more.
    func discardOutgoing() { outgoing = OutgoingQueue() }

    /// Tells how the next reads are to be done.
    func prepare(isHungUp: Bool) {
        isDry = false
        callRest = Self.callLimit
        trustsShortReads = !isHungUp
    }

    func handshakeIsOver() { handshakeRest = nil }

    /// - Returns: how many bytes; 0 at the end; -1 for nothing now and for a failure.
    func read(into target: UnsafeMutableRawBufferPointer) -> Int {
        guard failure == nil, !isDry, callRest > 0 else { return -1 }
        let room = min(target.count, handshakeRest ?? .max)
        guard room > 0 else {
            failure = .tls(.handshakeTooLong(limit: Self.handshakeLimit))
            return -1
        }
        let count = unsafe recv(descriptor, target.baseAddress, room, 0)
        if count < 0 {
            if errno == EAGAIN { isDry = true } else if errno != EINTR { failure = .system(.read, errno: errno) }
            return -1
        }
        if count == 0 { hasEnded = true } else if count < room { isDry = trustsShortReads }
        callRest -= count
        handshakeRest = handshakeRest.map { $0 - count }
        return count
    }

    /// Whether a read that brought nothing may be repeated.
    fileprivate var mayRetry: Bool { failure == nil && !hasEnded }
}

// MARK: BIO

extension TLSWire {
    /// A BIO over this wire, owned by the caller, which must free it before the wire goes (BIO_meth_new(3)).
    func makeBIO() -> OpaquePointer {
        guard let bio = unsafe BIO_new(Self.method) else { fatalError("OpenSSL has no memory for a BIO") }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    private static func of(_ bio: OpaquePointer?) -> TLSWire {
        // SAFETY: `makeBIO` has set it, and the session that owns the BIO holds the wire.
        unsafe Unmanaged.fromOpaque(BIO_get_data(bio)).takeUnretainedValue()
    }

    // SAFETY: never changed once it is made.
    private nonisolated(unsafe) static let method: OpaquePointer = {
        guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "event loop") else {
            fatalError("OpenSSL has no memory for a BIO")
        }
        unsafe BIO_meth_set_read(method) { bio, target, length in
            let wire = unsafe TLSWire.of(bio)
            unsafe BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            let count = unsafe wire.read(into: UnsafeMutableRawBufferPointer(start: target, count: Int(length)))
            if count < 0, wire.mayRetry { unsafe BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY) }
            return Int32(count)
        }
        unsafe BIO_meth_set_write(method) { bio, bytes, length in
            unsafe TLSWire.of(bio).outgoing.append(
                UnsafeRawBufferPointer(start: bytes, count: Int(length)), position: 0)
            return length
        }
        unsafe BIO_meth_set_ctrl(method) { bio, command, _, _ in
            switch command {
            case BIO_CTRL_FLUSH: 1
            case BIO_CTRL_EOF: unsafe TLSWire.of(bio).hasEnded ? 1 : 0
            default: 0
            }
        }
        return unsafe method
    }()
}
