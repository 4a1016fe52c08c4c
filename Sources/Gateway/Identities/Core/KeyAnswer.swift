import Protocols

/// The answer of a server to the request for a key set: 200 with a document of known length, or nothing. No redirects are
/// followed, since they could lead anywhere.
struct KeyAnswer: Sendable {
    /// Holds nothing of the answer but its status.
    enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
        case malformed(String)
        case status(Int)
        case tooLong

        var description: String {
            switch self {
            case .malformed(let reason): "the answer is not HTTP as expected: \(reason)"
            case .status(let code) where (300..<400).contains(code):
                "the answer is a redirect (\(code)); name the place itself"
            case .status(let code): "the answer has status \(code)"
            case .tooLong: "the answer is longer than 1 MiB"
            }
        }
    }

    private static let documentMaximum = JSONWebKeySet.byteCountMaximum
    /// A document, and what heads and chunks of a byte each cost.
    private static let byteCountMaximum = 8 * documentMaximum

    private static let limits = {
        var limits = WireLimits()
        limits.headBytes = 16 << 10
        return limits
    }()

    private var session = WireSession(HTTPDecoder(limits: limits), limits: limits)
    private var document: [UInt8] = []
    private var received = 0

    /// - Parameter request: as it was sent.
    init(to request: [UInt8]) throws(Fault) {
        do throws(WireFault) { try session.feed(request.span, .clientToServer) { _, _, _, _ in } } catch {
            throw .malformed(error.reason.description)
        }
    }

    /// Takes the next bytes of the answer; the document once it is whole, `nil` while more is to come.
    mutating func receive(_ bytes: Span<UInt8>) throws(Fault) -> [UInt8]? {
        received += bytes.count
        guard received <= Self.byteCountMaximum else { throw .tooLong }
        var document = exchange(&document, with: [])
        var fault: Fault?
        do throws(WireFault) {
            try session.feed(bytes, .serverToClient) { event, _, _, bytes in
                do throws(Fault) { try Self.take(event, bytes, into: &document) } catch { fault = fault ?? error }
            }
        } catch {
            throw fault ?? .malformed(error.reason.description)
        }
        if let fault { throw fault }
        if session.decoder.isIdle { return document }
        self.document = document
        return nil
    }

    private static func take(
        _ event: WireEvent<HTTPMessage>, _ bytes: Span<UInt8>, into document: inout [UInt8]
    ) throws(Fault) {
        switch event {
        case .message(.response(let head)), .head(.response(let head), _):
            if !head.isInterim { try check(head, bytes) }
        case .body:
            guard document.count + bytes.count <= documentMaximum else { throw .tooLong }
            document.append(bytes)
        default: break
        }
    }

    private static func check(_ head: HTTPResponseHead, _ bytes: Span<UInt8>) throws(Fault) {
        guard head.status == 200 else { throw .status(head.status) }
        let encoding = head.fields.first(named: "content-encoding", in: bytes)?.value(in: bytes)
        guard encoding?.lowercased() ?? "identity" == "identity" else { throw .malformed("it is compressed") }
        switch head.framing {
        case .untilClose: throw .malformed("it does not say how long it is")
        case .length(let length) where length > UInt64(documentMaximum): throw .tooLong
        case .none, .length, .chunked: break
        }
    }
}
