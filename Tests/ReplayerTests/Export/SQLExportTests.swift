import Protocols
import Recorder
import Replayer
import Testing
import WireTestKit

/// Scripts that a real psql runs.
@Suite struct SQLExportTests {
    /// Whatever psql takes for a command of its own makes this file.
    private static let mark = "touch MARK"

    private static let attacks = [
        "\\! \(mark)", "SELECT 1; \\! \(mark)", "SELECT 1 \\g |\(mark)", "SELECT '\n\\! \(mark)\n'", "'\n\\! \(mark)\n",
        "SELECT 'a\\'\n\\! \(mark)\n--'", "/*\n\\! \(mark)\n*/", "*/\n\\! \(mark)\n/*", "--\r\\! \(mark)",
        "$$\n\\! \(mark)\n$$",
        "$a$\n\\! \(mark)\n", "SELECT 1)\n\\! \(mark)\n(", "\"\n\\! \(mark)\n\"", "SELECT :'HOST', `\(mark)`",
        "SELECT E'\\047\n\\! \(mark)\n\\047'", "\u{feff}\\! \(mark)", "SELECT 1\u{b}\\! \(mark)",
        "SELECT 'x' \\gset \\! \(mark)",
        "COPY t FROM STDIN", "copy /* stdin */ t from program '\(mark)'", "\\copy t from program '\(mark)'",
        "EXECUTE a; \\set x `\(mark)`", "\\.\n\\! \(mark)", "U&'d\\0061' UESCAPE '!' \\! \(mark)", "𝕊\\! \(mark)",
        "é\\! \(mark)",
    ]

    @Test func `nothing that was recorded is a command to psql`() async throws {
        let sandbox = try await PostgresSandbox.start(users: [])
        let folder = ScratchFolder()
        let mark = folder.path + "/broken"
        let attacks = Self.attacks.map { $0.replacing("MARK", with: mark) }
        let script = try export(in: folder, change: HostileRecording.change(attacks)) { recording in
            HostileRecording.fill(recording, with: attacks)
        }
        try await run(script, sandbox)
        #expect(Repository.bytes(of: mark) == nil)
        // The attacks work where they stand raw: else this test proves nothing.
        try write(attacks[0], to: script)
        try await run(script, sandbox)
        #expect(Repository.bytes(of: mark) != nil)
    }

    @Test(arguments: [
        "\\! touch MARK\n", "a\n\\.\n\\! touch MARK\n", "\\.\r\n\\! touch MARK\n", "a", "\\.\n\\! touch MARK\nx",
    ])
    func `copied data stays data, even where the table is missing`(_ data: String) async throws {
        let sandbox = try await PostgresSandbox.start(users: [])
        let folder = ScratchFolder()
        let mark = folder.path + "/broken"
        let script = try export(in: folder) { recording in
            recording.add(Conversation.login(user: "alice"))
            recording.add(Conversation.copy("COPY missing FROM STDIN", data: data.replacing("MARK", with: mark)))
        }
        try await run(script, sandbox)
        try await sandbox.psql("CREATE TABLE missing (a text)")
        try await run(script, sandbox)
        #expect(Repository.bytes(of: mark) == nil)
    }

    @Test func `statements, parameters and copied data stand as they were; what cannot be run says why`() throws {
        let folder = ScratchFolder()
        let script = try export(in: folder) { recording in
            recording.add(Conversation.login(user: "alice"))
            recording.add(Conversation.query("SELECT 'it''s', 1::int;", answer: "1"))
            recording.add(Conversation.query("DO $$ BEGIN END $$", tag: "DO", status: "I"))
            recording.add(Conversation.prepare("s", "SELECT $1"))
            recording.add(Conversation.execute("s", parameter: "O'Brien \\ \u{202e}"))
            recording.add(Conversation.copy("COPY t FROM STDIN", data: "a\tb\n\\N\t2\n"))
            recording.add(Conversation.query("ALTER ROLE a PASSWORD '****'", tag: "ALTER ROLE", status: "I"))
            let secret = Annotation(.redaction, .clientToServer, range: 150..<1000, reason: "a statement's secret")
            recording.add(.note, .clientToServer, secret.encoded())
        }
        let text = try #require(read(script))
        for part in [
            "\nSELECT 'it''s', 1::int;\n", "\nSELECT E'DO $$ BEGIN END $$' \\gexec\n",
            " AS SELECT $1;\nEXECUTE wiretrail_", "(E'O''Brien \\\\ \\u202e');\nDEALLOCATE wiretrail_",
            "\n\\set ON_ERROR_STOP on\nCOPY t FROM STDIN;\na\tb\n\\N\t2\n\\.\n\\set ON_ERROR_STOP off\n",
            "\n-- it held a secret: a statement's secret\n--     ALTER ROLE a PASSWORD '****'\n",
        ] {
            #expect(text.contains(part), "\(part)\nis not in\n\(text)")
        }
    }

    /// As a file, and from standard input. Errors are expected.
    private func run(_ script: String, _ sandbox: PostgresSandbox) async throws {
        let login = [
            "-X", "-h", "127.0.0.1", "-p", "\(sandbox.port)", "-U", PostgresSandbox.superuser, "-d", "postgres",
        ]
        _ = try await Command("psql", login + ["-f", script]).run()
        _ = try await Command("psql", login, input: read(script) ?? "").run()
    }

    /// Returns the script's path.
    private func export(
        in folder: ScratchFolder, change: (inout StartFacts, inout Identity) -> Void = { _, _ in },
        _ fill: (TestRecording) throws -> Void
    ) throws -> String {
        let recording = try TestRecording(in: folder.path + "/recordings", change: change)
        try fill(recording)
        try recording.seal()
        var script: [UInt8] = []
        try SQLExport(RecordedSession(recording.path)).run { bytes in
            script.append(bytes)
            return true
        }
        try write(script, to: folder.path + "/script.sql")
        return folder.path + "/script.sql"
    }
}
