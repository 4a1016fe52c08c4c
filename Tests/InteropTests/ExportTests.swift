import Protocols
import Testing
import WireTestKit

/// What real clients did, taken into other tools.
@Suite struct ExportTests {
    @Test func `a session of psql: its capture tells the same timeline, its page holds, its script does the same`()
        async throws
    {
        let rig = try await Rig.start()
        try await rig.direct.psql(["-c", "CREATE DATABASE again"]).output()
        let table = "CREATE TABLE item (id int, name text); COPY item FROM STDIN;\n1\tone\n2\t\\N\n\\.\n"
        let rest =
            "INSERT INTO item VALUES (3, E'a\\nb'); SELECT * FROM item;\nSELECT 1/0;\nDO $$ BEGIN NULL; END $$;\n"
        try await rig.recorded.psql([], input: table + rest).output()
        #expect(try await rig.gateway.drain() == .status(0))
        let folder = rig.gateway.directory
        func export(_ format: String) async throws -> String {
            let path = "\(folder)/1.\(format)"
            let words = ["export", "1", "--format", format, "--output", path, "--recordings", rig.gateway.recordings]
            let result = try await rig.gateway.run(words)
            #expect(result.exit == .status(0), "\(result.errors)")
            return path
        }

        let timeline = try await rig.gateway.run(["timeline", "1", "--json", "--recordings", rig.gateway.recordings])
        let built = try await buildDirectory() + "/wiretrail"
        let program = environment("WIRETRAIL") ?? built
        let decoded = try await Command(program, ["decode", "--json", try await export("pcapng")]).output()
        let told = try events(timeline.output)
        #expect(told.count >= 7)
        #expect(try events(decoded) == told)

        let page = try await PageReader(try await export("html"), ["read"])
        #expect(page.complaints == [])
        #expect(page.text.contains("Complete and unchanged") && page.text.contains("division by zero"))

        var again = rig.direct.psql(["-f", try await export("sql")])
        again.environment["PGDATABASE"] = "again"
        _ = try await again.run()
        try await rig.expectSameItems(in: "again")
    }

    /// What the bytes tell: the gateway's notes are comments in a capture.
    private func events(_ lines: String) throws -> [JSON] {
        var events: [JSON] = []
        for line in lines.split(separator: "\n") {
            guard case .object(var event) = try JSON.parse(String(line)),
                event["kind"]?.string?.hasPrefix("postgres.") == true
            else { continue }
            for name in ["event", "flow", "requestPackets", "responsePackets", "durationNs"] { event[name] = nil }
            events.append(.object(event))
        }
        return events
    }
}

extension Rig {
    fileprivate func expectSameItems(in database: String) async throws {
        let words = ["-A", "-t", "-c", "SELECT * FROM item ORDER BY id"]
        var other = direct.psql(words)
        other.environment["PGDATABASE"] = database
        let items = try await direct.psql(words).output()
        #expect(items.contains("3|a\nb"))
        #expect(try await other.output() == items)
    }
}
