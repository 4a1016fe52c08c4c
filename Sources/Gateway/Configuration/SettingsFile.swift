public import Adapters
import Protocols

/// `wiretrail.yaml` on the disk.
public enum SettingsFile {
    /// Reads the whole file, and looks at the files and variables that it names.
    ///
    /// - Parameter environment: gives variables by their names.
    /// - Throws: every problem there is, in the order of the file.
    public static func read(
        _ path: String, environment: (String) -> String?
    ) throws(SettingsProblems) -> Settings {
        var draft: SettingsDraft
        do throws(SettingsFault) { draft = try self.draft(path) } catch {
            throw SettingsProblems(path: path, problems: [YAMLProblem(.start, error.cause, error.remedy)])
        }
        draft.checkReferences(environment)
        guard let settings = draft.settings, draft.problems.isEmpty else {
            throw SettingsProblems(path: path, problems: draft.problems)
        }
        return settings
    }

    private static func draft(_ path: String) throws(SettingsFault) -> SettingsDraft {
        let file = try OperatorFile.open(path)
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        var draft = SettingsDraft(parsing: try file.read(limit: YAMLLimits().byteCount), folder: folder)
        draft.checkMode(of: file)
        return draft
    }
}

/// Everything that is wrong with a configuration file.
public struct SettingsProblems: Error, Sendable, Hashable, CustomStringConvertible {
    public var path: String
    /// At least one; in the order of the file.
    public var problems: [YAMLProblem]

    public var description: String { problems.map { "\(path):\($0)" }.joined(separator: "\n") }
}

/// Settings as the text has them, and what is still to be looked at outside of it.
struct SettingsDraft {
    /// `nil` when the text is no mapping.
    let settings: Settings?
    /// In the order of the file.
    private(set) var problems: [YAMLProblem]
    private let references: [SettingsReference]

    /// - Parameter folder: where relative paths begin.
    init(parsing bytes: [UInt8], folder: String) {
        let document = YAMLDocument(parsing: bytes)
        let context = SettingsContext(folder: folder)
        settings = document.root.flatMap {
            SettingsSection.read($0, named: "the file", context) { Settings($0) }
        }
        problems = (document.problems + context.problems).sorted { $0.position < $1.position }
        references = context.references
    }

    /// - Parameter file: the one that all this stands in.
    mutating func checkMode(of file: borrowing OperatorFile) {
        do throws(SettingsFault) {
            try file.checkOwned()
            if settings?.identities.holdsHashes == true { try file.checkConfidential() }
        } catch { add(YAMLProblem(.start, error.cause, error.remedy)) }
    }

    mutating func checkReferences(_ environment: (String) -> String?) {
        check(references.filter { !$0.isComposed }, environment)
        // What is made of files that are missing would only tell of them again.
        if problems.isEmpty { check(references.filter(\.isComposed), environment) }
    }

    private mutating func check(_ references: [SettingsReference], _ environment: (String) -> String?) {
        for reference in references {
            do throws(SettingsFault) { try reference.check(environment) } catch {
                add(YAMLProblem(reference.position, "“\(reference.name)”: \(error.cause)", error.remedy))
            }
        }
    }

    private mutating func add(_ problem: YAMLProblem) {
        problems.insert(problem, at: problems.firstIndex { $0.position > problem.position } ?? problems.endIndex)
    }
}

extension YAMLPosition {
    fileprivate static let start = YAMLPosition(line: 1, column: 1)
}

extension Settings.Identities {
    /// Whether the file that says this lets its readers guess passwords.
    fileprivate var holdsHashes: Bool { !users.isEmpty || !tokens.isEmpty }
}
