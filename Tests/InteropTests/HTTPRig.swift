import Testing
import WireTestKit

/// A test server of Tests/Servers, and two ways to reach it.
struct HTTPRig {
    let servers: [ServerProgram]
    let gateway: WiretrailProcess

    var direct: String { "127.0.0.1:\(servers[0].port)" }
    var recorded: String { "127.0.0.1:\(gateway.port)" }

    /// The HTTP origin, which hands WebSockets on to a server that knows them.
    static func origin() async throws -> HTTPRig {
        let websockets = try await ServerProgram.start(python, ["websocket_server.py"])
        let origin = try await ServerProgram.start(python, ["origin.py", "--websockets", "\(websockets.port)"])
        return try await HTTPRig(before: [origin, websockets])
    }

    /// - Parameter words: of mcp_server.py.
    static func mcp(_ words: [String]) async throws -> HTTPRig {
        let interpreter = words[0] == "sdk1" ? pythonOfFirstSDK : python
        return try await HTTPRig(before: [try await .start(interpreter, ["mcp_server.py"] + words)])
    }

    private init(before servers: [ServerProgram]) async throws {
        self.servers = servers
        gateway = try await WiretrailProcess.record("http://127.0.0.1:\(servers[0].port)")
    }

    /// Runs a client both ways, given the host and port to reach, and demands the same transcript of it.
    ///
    /// - Returns: the transcript.
    @discardableResult
    func expectSameTranscript(_ client: (String) -> Command) async throws -> String {
        let direct = try await transcript(client(direct))
        let recorded = try await transcript(client(recorded))
        #expect(direct == recorded)
        return direct.joined(separator: "\n")
    }

    /// Ends the gateway and demands that all its recordings verify, by our verifier and by the independent one.
    func expectVerifiedRecordings() async throws {
        #expect(try await gateway.drain() == .status(0))
        try await gateway.expectVerifiedRecordings()
    }

    /// Both streams and the exit status, with the ports taken out.
    private func transcript(_ command: Command) async throws -> [Substring] {
        let result = try await command.run(timeoutSeconds: 300)
        return "\(result.exit)\n\(result.output)\(result.errors)"
            .replacing("\(servers[0].port)", with: "PORT")
            .replacing("\(gateway.port)", with: "PORT")
            .split(separator: "\n", omittingEmptySubsequences: false)
    }
}

/// A program that prints the port it listens on.
struct ServerProgram {
    let port: UInt16
    private let process: ChildProcess

    /// What it has printed.
    var told: String { process.output }

    /// - Parameter words: a program of Tests/Servers, and its arguments.
    static func start(_ interpreter: String, _ words: [String]) async throws -> ServerProgram {
        try await start(Command(interpreter, [servers + "/" + words[0]] + words.dropFirst()))
    }

    private static func start(_ command: Command) async throws -> ServerProgram {
        let process = try ChildProcess(command)
        try await until { process.output.last == "\n" || process.hasEnded }
        let port = try #require(UInt16(process.output.dropLast()), "\(command.arguments): \(process.errors)")
        return ServerProgram(port: port, process: process)
    }
}

private let servers = Repository.root + "/Tests/Servers"

/// The Python with version 1 of the `mcp` package.
let pythonOfFirstSDK = Repository.root + "/.build/venv-mcp1/bin/python"
