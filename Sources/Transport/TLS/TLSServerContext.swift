import COpenSSL

/// What sessions with clients are made of. Immutable: a new configuration is a new context, and sessions keep theirs.
@safe
public final class TLSServerContext: Sendable {
    let context: OpenSSLContext
    private let identities: [LoadedIdentity]
    private let protocols: [[UInt8]]

    public init(_ settings: TLSServerSettings) throws(TLSSettingsFault) {
        guard !settings.identities.isEmpty else { throw .missing(.chain) }
        var identities: [LoadedIdentity] = []
        for identity in settings.identities { identities.append(try LoadedIdentity(identity)) }
        self.identities = identities
        protocols = try ApplicationProtocols.bytes(settings.applicationProtocols)
        context = OpenSSLContext(.server)
        try identities[0].install(in: context)
        for identity in identities.dropFirst() { try identity.install(in: OpenSSLContext(.server)) }
        try demand(settings.clientCertificates)
        setCallbacks()
    }

    /// Our certificates, in the order of the settings: for whoever watches when they expire.
    public var certificates: [TLSCertificate] { identities.map(\.facts) }

    private func demand(_ certificates: TLSServerSettings.ClientCertificates) throws(TLSSettingsFault) {
        switch certificates {
        case .notRequested:
            unsafe SSL_CTX_set_verify(context.raw, SSL_VERIFY_NONE, nil)
        case .optional(let trust):
            unsafe SSL_CTX_set_verify(context.raw, SSL_VERIFY_PEER, nil)
            try context.trust(trust)
        case .required(let trust):
            unsafe SSL_CTX_set_verify(context.raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
            try context.trust(trust)
        }
    }

    // MARK: Callbacks

    private func setCallbacks() {
        // SAFETY: unretained; every session holds this context, and callbacks run within sessions only.
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        if identities.count > 1 {
            unsafe SSL_CTX_set_cert_cb(
                context.raw, { session, me in unsafe TLSServerContext.at(me).choose(for: session!) ? 1 : 0 }, me)
        }
        if !protocols.isEmpty {
            unsafe SSL_CTX_set_alpn_select_cb(
                context.raw,
                { _, choice, length, offer, offerLength, me in
                    let offer = unsafe UnsafeBufferPointer(start: offer, count: Int(offerLength))
                    return unsafe TLSServerContext.at(me).agree(choice!, length!, offer)
                }, me)
        }
    }

    private static func at(_ me: UnsafeMutableRawPointer?) -> TLSServerContext {
        unsafe Unmanaged.fromOpaque(me!).takeUnretainedValue()
    }

    /// Shows the certificate of the host that the client asks for.
    private func choose(for session: OpaquePointer) -> Bool {
        guard let host = unsafe SSL_get_servername(session, TLSEXT_NAMETYPE_host_name),
            let identity = identities.first(where: { unsafe $0.isFor(host) })
        else { return true }
        return unsafe identity.use(in: session)
    }

    /// Takes the first of our protocols that the client offers, else ends the handshake (RFC 7301 §3.2).
    private func agree(
        _ choice: UnsafeMutablePointer<UnsafePointer<UInt8>?>, _ length: UnsafeMutablePointer<UInt8>,
        _ offer: UnsafeBufferPointer<UInt8>
    ) -> Int32 {
        for name in protocols {
            guard let start = unsafe ApplicationProtocols.position(of: name, in: offer) else { continue }
            // SAFETY: OpenSSL copies the choice out of the offer before that goes.
            unsafe choice.pointee = offer.baseAddress! + start
            unsafe length.pointee = UInt8(name.count)
            return SSL_TLSEXT_ERR_OK
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
}
