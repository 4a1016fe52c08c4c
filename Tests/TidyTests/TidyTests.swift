import Testing
import WireTestKit

/// The habits of CONTRIBUTING.md, held by a machine.
@Suite struct TidyTests {
    @Test func `every source is formatted`() async throws {
        let folders = ["Package.swift", "Sources", "Tests", "Fuzz/Package.swift", "Fuzz/Sources"].map {
            root + "/" + $0
        }
        let lint = try await Command("swift", ["format", "lint", "--strict", "--parallel", "-r"] + folders).run()
        #expect(lint.exit == .status(0), "run `make format`\n\(lint.errors)")
    }

    @Test func `files are at most 400 lines and functions 60`() async throws {
        for source in try await sources(below: "Sources", "Tests", "Fuzz/Sources") {
            #expect(source.lines.count <= 400, "\(source.path) has \(source.lines.count) lines")
            for function in source.functions where function.lineCount > 60 {
                Issue.record("\(source.path):\(function.line) has \(function.lineCount) lines")
            }
        }
    }

    @Test func `nothing is left for later`() async throws {
        for source in try await sources(below: "Sources", "Tests", "Fuzz/Sources")
        where !source.path.contains("TidyTests") {
            for word in ["TODO", "FIXME", "HACK", "Placeholder"] where source.text.contains(word) {
                Issue.record("\(source.path) says \(word)")
            }
        }
    }

    @Test func `pure folders import nothing but pure modules, and hold nothing unsafe`() async throws {
        let pure = try await sources(below: "Sources").filter {
            $0.path.hasPrefix("Sources/Protocols/")
                || !$0.path.split(separator: "/").filter { ["Core", "Format", "Timeline", "Rules"].contains($0) }
                    .isEmpty
        }
        #expect(!pure.isEmpty)
        for source in pure {
            let foreign = source.imports.subtracting(["Protocols", "Recorder"])
            #expect(foreign.isEmpty, "\(source.path) imports \(foreign.sorted())")
            #expect(!source.code.contains(/\bunsafe\b/), "\(source.path) is unsafe")
        }
    }

    /// ARCHITECTURE.md: arrows point down, and Gateway and Replayer do not know each other.
    @Test(arguments: [
        ("Protocols", []),
        ("Transport", ["Protocols"]),
        ("Adapters", ["Protocols"]),
        ("Recorder", ["Adapters", "Protocols"]),
        ("Replayer", ["Recorder", "Adapters", "Protocols"]),
        ("Gateway", ["Transport", "Recorder", "Adapters", "Protocols"]),
    ])
    func `modules know only what is below them`(_ module: String, _ below: [String]) async throws {
        let ours: Set = ["Protocols", "Transport", "Adapters", "Recorder", "Replayer", "Gateway"]
        for source in try await sources(below: "Sources/" + module) {
            let above = source.imports.intersection(ours).subtracting(below)
            #expect(above.isEmpty, "\(source.path) imports \(above.sorted())")
        }
    }

    @Test func `an unchecked promise says why it holds`() async throws {
        for source in try await sources(below: "Sources") {
            for (index, line) in source.lines.enumerated() where line.contains("@unchecked Sendable") {
                let above = source.lines[max(0, index - 6)..<index]
                #expect(above.contains { $0.contains("//") }, "\(source.path):\(index + 1)")
            }
        }
    }
}
