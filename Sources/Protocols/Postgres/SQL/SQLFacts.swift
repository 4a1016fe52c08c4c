/// What the text of one request asks for, as far as the text alone tells: kinds, tables, columns and functions by name.
///
/// Names are as the server reads them: unquoted ones in lower case, quoted and Unicode ones decoded, cut at 63 bytes. They
/// are not looked up: a view is its own name, and a name without schema may be any schema's. Values never appear.
public struct SQLFacts: Sendable, Hashable {
    public var statements: [SQLStatement]

    public init(_ statements: [SQLStatement]) { self.statements = statements }

    /// Nothing can be said about the text, for this reason.
    public static func unseen(_ reason: SQLBlindness, _ kind: SQLKind = .other) -> SQLFacts {
        SQLFacts([SQLStatement(kind, unseen: reason)])
    }
}

/// One statement of a request, with all that is nested in it.
public struct SQLStatement: Sendable, Hashable {
    /// The outermost kind.
    public var kind: SQLKind
    /// What is done to which tables, each once, sorted.
    public var accesses: [SQLAccess] = []
    /// The columns written out anywhere in it, whichever table they belong to.
    public var columns: Set<String> = []
    /// It may use columns that are not written out: `*`, a whole row, a renamed or a missing list.
    public var usesAllColumns = false
    public var functions: [SQLName] = []
    /// The settings that SET and RESET change; ``anySetting`` where they are not named.
    public var settings: [String] = []
    /// The name that PREPARE makes, or DEALLOCATE takes; empty for all of them.
    public var preparedName: String?
    /// It runs code, or touches files, that its text does not show.
    public var blindness: SQLBlindness?

    public init(_ kind: SQLKind, unseen blindness: SQLBlindness? = nil) {
        self.kind = kind
        self.blindness = blindness
        if blindness != nil { accesses = [SQLAccess(kind)] }
    }

    /// Stands for settings that are not named: RESET ALL, `set_config(…)`.
    public static let anySetting = "*"
}

/// Something done to one table, or to nothing that has a name here.
public struct SQLAccess: Sendable, Hashable {
    public var kind: SQLKind
    /// `nil`: it concerns no table (`SELECT 1`, `BEGIN`).
    public var table: SQLName?
    /// UPDATE and DELETE of every row.
    public var lacksWhere = false
    /// It concerns tables that are not named (`DROP SCHEMA`, `GRANT … ON ALL TABLES IN SCHEMA`).
    public var isBroad = false

    public init(_ kind: SQLKind, _ table: SQLName? = nil, lacksWhere: Bool = false, isBroad: Bool = false) {
        self.kind = kind
        self.table = table
        self.lacksWhere = lacksWhere
        self.isBroad = isBroad
    }
}

/// A table's or a function's name, with the schema where one is written.
public struct SQLName: Sendable, Hashable, CustomStringConvertible {
    public var schema: String?
    public var name: String

    public init(_ name: String, schema: String? = nil) {
        self.schema = schema
        self.name = name
    }

    public var description: String { schema.map { "\($0).\(name)" } ?? name }
}

/// Why a statement's text does not show what it does.
public enum SQLBlindness: Sendable, Hashable, CustomStringConvertible {
    /// The parser does not understand it. The place counts characters from 1; 0 when unknown.
    case unparsable(at: Int)
    case tooLong
    case tooDeep
    case encoding
    /// A backslash, where the server may read it in two ways.
    case backslash
    case codeInText(SQLKind)
    case preparedElsewhere
    case file
    case functionByNumber
    /// A function that reads its argument as SQL, as a table's name or as a file's.
    case function(String)

    public var description: String {
        switch self {
        case .unparsable(0): "it cannot be parsed"
        case .unparsable(let place): "it cannot be parsed (syntax error at character \(place))"
        case .tooLong: "it is too long to be read"
        case .tooDeep: "it is nested too deeply to be read"
        case .encoding: "it is not ASCII, and the client's encoding is not UTF8"
        case .backslash: "it has a backslash while standard_conforming_strings is off"
        case .codeInText(let kind): "the code that \(kind.rawValue.uppercased()) runs is text"
        case .preparedElsewhere: "what was prepared under that name is not known"
        case .file: "COPY reads or writes a file or a program of the server"
        case .functionByNumber: "the protocol's function call names a function by number"
        case .function(let name): "\(name) reads its argument as code, as a table's name or as a file's"
        }
    }
}
