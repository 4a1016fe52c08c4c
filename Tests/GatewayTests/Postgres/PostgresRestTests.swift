import Protocols
import Testing

@testable import Gateway

/// A session is at rest exactly when the server owes no ReadyForQuery and no transaction is open.
@Suite struct PostgresRestTests {
    private var core = ProxyCore(
        PostgresDecoder.afterStartup(), PostgresInterceptor(keySource: [UInt8](repeating: 0, count: 32)))
    private var rest: PostgresRest { core.policy.rest }

    private static let query = PostgresEncoding.query([])
    private static let parse = PostgresEncoding.parse(name: [], sql: [])
    private static let sync = PostgresEncoding.sync()
    private static let copyDone: [UInt8] = Array("c".utf8) + [0, 0, 0, 4]
    private static let copyIn: [UInt8] = Array("G".utf8) + [0, 0, 0, 7, 0, 0, 0]
    private static let idle = PostgresEncoding.readyForQuery(.idle)
    private static let error = PostgresEncoding.errorResponse(
        PostgresEncoding.Diagnostic(severity: "ERROR", code: "22012", message: "division by zero"))

    init() { answered(PostgresEncoding.authenticationOk(), Self.idle) }

    private mutating func asked(_ messages: [UInt8]...) { read(messages, .clientToServer) }
    private mutating func answered(_ messages: [UInt8]...) { read(messages, .serverToClient) }

    private mutating func read(_ messages: [[UInt8]], _ direction: Direction) {
        let bytes = messages.flatMap(\.self)
        var actions: [ProxyAction] = []
        #expect(core.received(bytes.span, direction, into: &actions) == bytes.count)
    }

    @Test func `the login comes first`() {
        #expect(!PostgresRest().isAtRest)
        #expect(rest.isAtRest)
    }

    @Test mutating func `an extended query rests after its Sync is answered`() {
        asked(Self.parse, Self.sync)
        #expect(!rest.isAtRest)
        answered(Self.idle)
        #expect(rest.isAtRest)
    }

    @Test mutating func `a transaction is no rest`() {
        asked(Self.query)
        answered(PostgresEncoding.readyForQuery(.inTransaction))
        #expect(rest.owesNothing && !rest.isAtRest)
    }

    @Test mutating func `a Sync before the data of a COPY is ignored by the server`() {
        asked(Self.parse, Self.sync)
        answered(Self.copyIn)
        asked(Self.copyDone, Self.sync)
        #expect(!rest.isAtRest)
        answered(Self.idle)
        #expect(rest.isAtRest)
    }

    @Test mutating func `a COPY that is sent at one go ends with one answer`() {
        asked(Self.parse, Self.sync, Self.copyDone, Self.sync)
        answered(Self.copyIn)
        #expect(!rest.isAtRest)
        answered(Self.idle)
        #expect(rest.isAtRest)
    }

    @Test mutating func `a COPY of the simple protocol has one answer`() {
        asked(Self.query)
        answered(Self.copyIn)
        asked(Self.copyDone)
        #expect(!rest.isAtRest)
        answered(Self.idle)
        #expect(rest.isAtRest)
    }

    @Test mutating func `what the server skips after an error is not owed`() {
        asked(Self.parse)
        answered(Self.error)
        asked(Self.query, Self.parse)
        #expect(!rest.isAtRest, "it skips to a Sync that has not come")
        asked(Self.sync)
        #expect(!rest.isAtRest)
        answered(Self.idle)
        #expect(rest.isAtRest)
    }

    @Test mutating func `a query behind a batch that fails is skipped with it`() {
        asked(Self.parse, Self.query, Self.sync)
        answered(Self.error, Self.idle)
        #expect(rest.isAtRest)
    }

    @Test mutating func `a simple query that fails is owed its ReadyForQuery alone`() {
        asked(Self.query, Self.query)
        answered(Self.error, Self.idle)
        #expect(!rest.isAtRest)
        answered(Self.idle)
        #expect(rest.isAtRest)
    }
}
