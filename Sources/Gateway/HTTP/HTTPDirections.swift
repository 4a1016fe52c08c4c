import Protocols

/// Why a request goes nowhere.
struct HTTPObjection: Error {
    let reply: HTTPReply

    init(_ status: Int, _ text: String) { reply = HTTPReply(status, text, closes: false) }
}

/// Which requests of a listener go where. Stands before everything else that a gateway does with a request, so that neither
/// a name that somebody made point here (DNS rebinding) nor a page from elsewhere gets any further.
struct HTTPDirections: Sendable {
    private let targets: [HTTPTarget]
    private let hosts: [String]
    private let origins: [String]
    private let scheme: String
    /// Where this connection goes: its recording is of one target.
    private var current: String?

    init(_ targets: [HTTPTarget], hosts: [String], origins: [String], isEncrypted: Bool) {
        self.targets = targets
        self.hosts = hosts + targets.flatMap(\.route.hosts)
        self.origins = origins
        scheme = isEncrypted ? "https" : "http"
    }

    func staying(at target: HTTPTarget) -> HTTPDirections {
        var directions = self
        directions.current = target.name
        return directions
    }

    /// Where a request goes, whoever sends it.
    func target(of head: HTTPRequestHead, _ bytes: Span<UInt8>) throws(HTTPObjection) -> HTTPTarget {
        targets[try place(of: head, bytes)]
    }

    /// Throws where a request goes nowhere, or not from here.
    func check(_ head: HTTPRequestHead, _ bytes: Span<UInt8>) throws(HTTPObjection) { _ = try place(of: head, bytes) }

    private func place(of head: HTTPRequestHead, _ bytes: Span<UInt8>) throws(HTTPObjection) -> Int {
        let authority = bytes.extracting(head.fields.first(.host)?.valueRange ?? 0..<0)
        let host = authority.extracting(0..<Self.nameLength(of: authority))
        guard host.isAny(of: hosts) else { throw HTTPObjection(421, "this address is not called by that name") }
        try checkOrigin(head, bytes, authority)
        let whole = bytes.extracting(head.path(in: bytes))
        let path = whole.extracting(ProtectedResource.wellKnownLength(of: whole)...)
        guard let place = targets.place(of: path, at: host) else {
            throw HTTPObjection(404, "nothing lies at this path")
        }
        if targets[place].needsPlainPaths, !path.isEmpty, RequestPath(DisplayText.decode(path)).isAmbiguous {
            throw HTTPObjection(400, "the path could be read in two ways")
        }
        if let current, current != targets[place].name {
            throw HTTPObjection(421, "this connection goes to another target: open one of its own for this path")
        }
        return place
    }

    /// What a caller is told who may not go to a target that is there: the same as where there is none, and where to go.
    func nowhere(for identity: Identity) -> HTTPObjection {
        let open = targets.filter { $0.admits(identity) }.map(\.route.path)
        return HTTPObjection(
            404,
            open.isEmpty
                ? "nothing lies here for you" : "nothing lies here for you; there is: \(open.joined(separator: ", "))")
    }

    /// Whether the caller of a request may go where this connection goes.
    func admits(_ identity: Identity) -> Bool { targets.contains { $0.name == current && $0.admits(identity) } }

    /// A page may come from where it leads to, and from where it was said (MCP, "Transports", Security Warning).
    private func checkOrigin(
        _ head: HTTPRequestHead, _ bytes: Span<UInt8>, _ authority: Span<UInt8>
    ) throws(HTTPObjection) {
        for field in head.fields where field.name == .origin {
            let origin = field.value(in: bytes)
            let own = "\(scheme)://\(DisplayText.decode(authority).lowercased())"
            guard origin == own || origins.contains(origin) else {
                throw HTTPObjection(403, "pages of this origin may not come here")
            }
        }
    }

    /// How much of it is the name, without the port.
    private static func nameLength(of authority: Span<UInt8>) -> Int {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: UInt8(ascii: "]"), from: 0) { return end + 1 }
        return authority.firstIndex(of: UInt8(ascii: ":"), from: 0) ?? authority.count
    }
}
