import Protocols

/// A client's startup packet, kept while the upstream is dialed. Bounded by the decoder's limit on startup packets.
struct PostgresStartupRequest: Sendable, Equatable {
    var version: PostgresVersion
    /// In the order sent, options (`_pq_.…`) included.
    var parameters: [Parameter]

    struct Parameter: Sendable, Equatable {
        var name: String
        /// Bytes: the client's encoding is not known yet.
        var value: [UInt8]
    }

    init(_ startup: PostgresMessage.Startup, _ bytes: Span<UInt8>) {
        version = startup.version
        parameters = []
        var reader = startup.parameters
        while let next = reader.next(in: bytes) {
            let name = String(decoding: [UInt8](copying: bytes.extracting(next.name)), as: UTF8.self)
            parameters.append(Parameter(name: name, value: [UInt8](copying: bytes.extracting(next.value))))
        }
    }

    func value(_ name: String) -> String? {
        parameters.first { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
    }
}
