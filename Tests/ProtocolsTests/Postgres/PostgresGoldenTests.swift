import Protocols
import Testing
import WireTestKit

/// One message of each kind: its bytes as the manual lays them out, and what is read from them.
struct Golden: Sendable, CustomTestStringConvertible {
    let name: String
    let direction: Direction
    let bytes: [UInt8]
    /// Reads one part of the message; `nil` where it is not the message it should be.
    let read: @Sendable (PostgresMessage, Span<UInt8>) throws -> String?
    let expected: String

    var testDescription: String { name }

    static func request(
        _ name: String, _ bytes: [UInt8], _ expected: String,
        _ read: @escaping @Sendable (PostgresMessage, Span<UInt8>) throws -> String?
    ) -> Golden { Golden(name: name, direction: .clientToServer, bytes: bytes, read: read, expected: expected) }

    static func answer(
        _ name: String, _ bytes: [UInt8], _ expected: String,
        _ read: @escaping @Sendable (PostgresMessage, Span<UInt8>) throws -> String?
    ) -> Golden { Golden(name: name, direction: .serverToClient, bytes: bytes, read: read, expected: expected) }
}

func string(_ range: Range<Int>, _ bytes: Span<UInt8>) -> String {
    String(decoding: [UInt8](copying: bytes.extracting(range)), as: UTF8.self)
}

func strings(_ reader: PostgresValueReader, _ bytes: Span<UInt8>) throws -> String {
    var reader = reader
    var values: [String] = []
    while let value = try reader.next(in: bytes) { values.append(value.range.map { string($0, bytes) } ?? "NULL") }
    return values.joined(separator: ",")
}

func numbers(_ reader: PostgresObjectIDReader, _ bytes: Span<UInt8>) -> String {
    var reader = reader
    var numbers: [String] = []
    while let number = reader.next(in: bytes) { numbers.append("\(number)") }
    return numbers.joined(separator: ",")
}

private let requests: [Golden] = [
    .request("Query", message("Q", text("SELECT 1")), "SELECT 1") { message, bytes in
        guard case .query(let sql) = message else { return nil }
        return string(sql, bytes)
    },
    .request(
        "Parse", message("P", text("s1"), text("SELECT $1"), int16(2), int32(23), int32(0)), "s1|SELECT $1|2|23,0"
    ) { message, bytes in
        guard case .parse(let parse) = message else { return nil }
        return "\(string(parse.statement, bytes))|\(string(parse.sql, bytes))|\(parse.parameterTypeCount)|"
            + numbers(parse.parameterTypes, bytes)
    },
    .request(
        "Bind",
        message(
            "B", text("p1"), text("s1"), int16(2), int16(0), int16(1), int16(3), value("a"), value(nil), value(""),
            int16(1), int16(1)),
        "p1|s1|0,1|a,NULL,|1"
    ) { message, bytes in
        guard case .bind(let bind) = message else { return nil }
        let formats = bind.parameterFormats(in: bytes)
        return "\(string(bind.portal, bytes))|\(string(bind.statement, bytes))|"
            + "\(formats.format(0, in: bytes).rawValue),\(formats.format(1, in: bytes).rawValue)|"
            + (try strings(bind.parameters(in: bytes), bytes))
            + "|\(try bind.resultFormats(in: bytes).format(7, in: bytes).rawValue)"
    },
    .request("Describe statement", message("D", [0x53], text("s1")), "statement s1") { message, bytes in
        guard case .describe(let target) = message else { return nil }
        return "\(target.kind) \(string(target.name, bytes))"
    },
    .request("Close portal", message("C", [0x50], text("p1")), "portal p1") { message, bytes in
        guard case .close(let target) = message else { return nil }
        return "\(target.kind) \(string(target.name, bytes))"
    },
    .request("Execute", message("E", text("p1"), int32(100)), "p1 100") { message, bytes in
        guard case .execute(let execute) = message else { return nil }
        return "\(string(execute.portal, bytes)) \(execute.maximumRows)"
    },
    .request(
        "FunctionCall",
        message("F", int32(952), int16(1), int16(1), int16(2), value("ab"), value(nil), int16(1)), "952 1 ab,NULL 1"
    ) { message, bytes in
        guard case .functionCall(let call) = message else { return nil }
        return "\(call.function) \(call.argumentFormats(in: bytes).format(0, in: bytes).rawValue) "
            + (try strings(call.arguments(in: bytes), bytes)) + " \(call.resultFormat(in: bytes).rawValue)"
    },
    .request("CopyFail", message("f", text("no more")), "no more") { message, bytes in
        guard case .copyFail(let reason) = message else { return nil }
        return string(reason, bytes)
    },
    .request("CopyData", message("d", Array("1\t2\n".utf8)), "1\t2\n") { message, bytes in
        guard case .copyData(let data) = message else { return nil }
        return string(data, bytes)
    },
    .request("CopyDone", message("c"), "") { message, _ in message == .copyDone ? "" : nil },
    .request("Flush", message("H"), "") { message, _ in message == .flush ? "" : nil },
    .request("Sync", message("S"), "") { message, _ in message == .sync ? "" : nil },
    .request("Terminate", message("X"), "") { message, _ in message == .terminate ? "" : nil },
]

private let results: [Golden] = [
    .answer("ParseComplete", message("1"), "") { message, _ in message == .parseComplete ? "" : nil },
    .answer("BindComplete", message("2"), "") { message, _ in message == .bindComplete ? "" : nil },
    .answer("CloseComplete", message("3"), "") { message, _ in message == .closeComplete ? "" : nil },
    .answer("PortalSuspended", message("s"), "") { message, _ in message == .portalSuspended ? "" : nil },
    .answer("NoData", message("n"), "") { message, _ in message == .noData ? "" : nil },
    .answer("EmptyQueryResponse", message("I"), "") { message, _ in message == .emptyQueryResponse ? "" : nil },
    .answer("CopyDone", message("c"), "") { message, _ in message == .copyDone ? "" : nil },
    .answer("ReadyForQuery", message("Z", [0x54]), "inTransaction") { message, _ in
        guard case .readyForQuery(let status) = message else { return nil }
        return "\(status)"
    },
    .answer("ParameterDescription", message("t", int16(2), int32(23), int32(25)), "2: 23,25") { message, bytes in
        guard case .parameterDescription(let description) = message else { return nil }
        return "\(description.count): \(numbers(description.types, bytes))"
    },
    .answer(
        "RowDescription",
        message(
            "T", int16(1), text("id"), int32(16_384), int16(2), int32(23), int16(4), int32(-1), int16(1)),
        "id 16384 2 23 4 -1 1"
    ) { message, bytes in
        guard case .rowDescription(let description) = message else { return nil }
        var columns = description.columns
        guard let column = try columns.next(in: bytes), try columns.next(in: bytes) == nil else { return nil }
        return "\(string(column.name, bytes)) \(column.table) \(column.attribute) \(column.type) \(column.typeSize) "
            + "\(column.typeModifier) \(column.format.rawValue)"
    },
    .answer("DataRow", message("D", int16(3), value("a"), value(nil), value("")), "3: a,NULL,") { message, bytes in
        guard case .dataRow(let row) = message else { return nil }
        return "\(row.count): " + (try strings(row.values, bytes))
    },
    .answer("CommandComplete", message("C", text("SELECT 1")), "SELECT 1") { message, bytes in
        guard case .commandComplete(let tag) = message else { return nil }
        return string(tag, bytes)
    },
    .answer("FunctionCallResponse", message("V", value("42")), "42") { message, bytes in
        guard case .functionCallResponse(let response) = message else { return nil }
        return response.value.range.map { string($0, bytes) }
    },
    .answer("FunctionCallResponse of NULL", message("V", value(nil)), "NULL") { message, bytes in
        guard case .functionCallResponse(let response) = message else { return nil }
        return response.value == .null ? "NULL" : nil
    },
    .answer("CopyInResponse", message("G", [0], int16(2), int16(0), int16(0)), "0 2 0") { message, bytes in
        guard case .copyInResponse(let copy) = message else { return nil }
        return "\(copy.format.rawValue) \(copy.columnCount) "
            + "\(copy.columnFormats(in: bytes).format(1, in: bytes).rawValue)"
    },
    .answer("CopyOutResponse", message("H", [1], int16(1), int16(1)), "1 1 1") { message, bytes in
        guard case .copyOutResponse(let copy) = message else { return nil }
        return "\(copy.format.rawValue) \(copy.columnCount) "
            + "\(copy.columnFormats(in: bytes).format(0, in: bytes).rawValue)"
    },
    .answer("CopyBothResponse", message("W", [0], int16(0)), "0 0") { message, _ in
        guard case .copyBothResponse(let copy) = message else { return nil }
        return "\(copy.format.rawValue) \(copy.columnCount)"
    },
    .answer("CopyData", message("d", Array("row\n".utf8)), "row\n") { message, bytes in
        guard case .copyData(let data) = message else { return nil }
        return string(data, bytes)
    },
]

private let notices: [Golden] = [
    .answer(
        "ErrorResponse",
        message("E", [0x53], text("ERROR"), [0x43], text("42601"), [0x4D], text("syntax error"), [0]),
        "ERROR 42601 syntax error nil"
    ) { message, bytes in
        guard case .errorResponse(let error) = message else { return nil }
        let fields: [PostgresDiagnosticField] = [.localizedSeverity, .code, .message, .hint]
        return fields.map { error.text($0, in: bytes).map { string($0, bytes) } ?? "nil" }.joined(separator: " ")
    },
    .answer("NoticeResponse", message("N", [0x4D], text("hello"), [0x48], text("wave"), [0]), "M=hello H=wave") {
        message, bytes in
        guard case .noticeResponse(let notice) = message else { return nil }
        var fields = notice.fields
        var all: [String] = []
        while let field = fields.next(in: bytes) {
            all.append("\(Character(Unicode.Scalar(field.code)))=\(string(field.text, bytes))")
        }
        return all.joined(separator: " ")
    },
    .answer("NotificationResponse", message("A", int32(77), text("jobs"), text("42")), "77 jobs 42") {
        message, bytes in
        guard case .notificationResponse(let note) = message else { return nil }
        return "\(note.processID) \(string(note.channel, bytes)) \(string(note.payload, bytes))"
    },
    .answer("ParameterStatus", message("S", text("TimeZone"), text("UTC")), "TimeZone=UTC") { message, bytes in
        guard case .parameterStatus(let status) = message else { return nil }
        return "\(string(status.name, bytes))=\(string(status.value, bytes))"
    },
    .answer("BackendKeyData", message("K", int32(4711), [1, 2, 3, 4]), "4711 4") { message, _ in
        guard case .backendKeyData(let data) = message else { return nil }
        return "\(data.processID) \(data.key.count)"
    },
]

@Suite struct PostgresGoldenTests {
    @Test(arguments: requests + results + notices)
    func `each message of a session is read as the manual lays it out`(_ golden: Golden) throws {
        for chunking in Chunking.all {
            let turns = Bytes.login + [.bytes(golden.bytes, golden.direction)]
            let trace = WireTrace(PostgresDecoder(limits: WireLimits()), turns: turns, chunking)
            #expect(trace.fault == nil)
            let message = try #require(trace.messages(golden.direction).last)
            #expect(try golden.read(message, golden.bytes.span) == golden.expected)
            #expect(trace[golden.direction].count == 2)
        }
    }

    @Test(arguments: requests + results + notices)
    func `a message of the same type that is cut short inside is refused, never read past its end`(
        _ golden: Golden
    ) throws {
        for content in 0..<(golden.bytes.count - 5) {
            let bytes = [golden.bytes[0]] + int32(4 + content) + golden.bytes[5..<(5 + content)]
            let turns = Bytes.login + [.bytes(bytes, golden.direction)]
            let trace = WireTrace(PostgresDecoder(limits: WireLimits()), turns: turns, .whole)
            if golden.name == "CopyData" { continue }
            if trace.fault == nil {
                let message = try #require(trace.messages(golden.direction).last)
                #expect(throws: WireFault.self) { try golden.read(message, bytes.span) }
            }
        }
    }

    @Test func `a message is a few words, so that it travels in registers and never on the heap`() {
        #expect(MemoryLayout<PostgresMessage>.size <= 40)
        #expect(MemoryLayout<Step<PostgresMessage>>.size <= 64)
    }
}
