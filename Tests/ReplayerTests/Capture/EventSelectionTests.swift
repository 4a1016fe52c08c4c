import Protocols
import Replayer
import Testing
import WireTestKit

/// A timeline may leave out what nobody asks for, and nothing else.
@Suite struct EventSelectionTests {
    private static let protocols = ["postgres", "http", "mcp", "http2", "grpc", "ssh"]

    private func events(_ path: String, _ selection: EventSelection) async throws -> [JSON] {
        try await decoded(path, selection: selection).lines.filter { $0["type"] == "event" }
    }

    private func names(_ events: [JSON]) -> Set<String> {
        Set(
            events.flatMap { event -> [String] in
                guard case .object(let fields)? = event["fields"] else { return [] }
                return Array(fields.keys)
            })
    }

    private func withoutFields(_ event: JSON) -> JSON {
        guard case .object(var members) = event else { return event }
        members["fields"] = nil
        return .object(members)
    }

    @Test(arguments: protocols)
    func `a field that is asked for is the same whatever else is`(_ name: String) async throws {
        let paths = Repository.files(in: Repository.root + "/fixtures/\(name)", endingIn: ".pcap")
        #expect(!paths.isEmpty)
        for path in paths {
            let all = try await events(path, .everything)
            for field in names(all) {
                let some = try await events(path, EventSelection(fields: [field]))
                #expect(some.map { $0["fields"]?[field] } == all.map { $0["fields"]?[field] }, "\(field) of \(path)")
            }
        }
    }

    @Test(arguments: protocols)
    func `what events have besides fields does not depend on what is asked for`(_ name: String) async throws {
        for path in Repository.files(in: Repository.root + "/fixtures/\(name)", endingIn: ".pcap") {
            let all = try await events(path, .everything).map(withoutFields)
            #expect(try await events(path, EventSelection(fields: [])).map(withoutFields) == all, "\(path)")
        }
    }

    @Test func `what costs much is not made when nobody asks for it`() async throws {
        for (path, expensive) in [
            ("postgres/simple-query", ["settings", "serverVersion"]),
            ("http/get", ["requestFields", "responseFields"]),
            ("http2/get", ["requestFields", "responseFields"]),
        ] {
            let path = Repository.root + "/fixtures/\(path).pcap"
            let all = names(try await events(path, .everything))
            let few = names(try await events(path, EventSelection(fields: ["status"])))
            #expect(all.isSuperset(of: expensive), "\(path)")
            #expect(few.isDisjoint(with: expensive), "\(path)")
        }
    }
}
