import Protocols
import Testing

@testable import Gateway

/// Who is behind a request: tokens as they come, sessions as they stay, and what clients are told of both.
@Suite struct HTTPIdentityTests {
    private static func read(_ values: String...) -> String {
        switch BearerToken(values.map { Array($0.utf8) }) {
        case .missing: "missing"
        case .malformed: "malformed"
        case .token(let secret): String(decoding: secret.bytes, as: UTF8.self)
        }
    }

    @Test(arguments: [
        ("Bearer abc", "abc"), ("bearer abc==", "abc=="), ("BEARER  a.b-c_d~e+f/g", "a.b-c_d~e+f/g"),
        ("Basic YTpi", "malformed"), ("Bearer", "malformed"), ("Bearer ", "malformed"), ("Bearerabc", "malformed"),
        ("Bearer a b", "malformed"), ("Bearer a,b", "malformed"), ("Bearer =", "malformed"),
        ("Bearer a=b", "malformed"),
        ("Bearer a, Bearer b", "malformed"), ("Bearer \"a\"", "malformed"), ("Bearer\ta", "malformed"),
        ("\u{e9}earer a", "malformed"), ("Bearer é", "malformed"), ("", "malformed"), ("Token abc", "malformed"),
    ])
    func `one field, the scheme Bearer, one token`(_ value: String, _ expected: String) {
        #expect(Self.read(value) == expected)
    }

    @Test func `no field is no token, two fields are none either, and none is endless`() {
        #expect(Self.read() == "missing")
        #expect(Self.read("Bearer a", "Bearer a") == "malformed")
        #expect(Self.read("Bearer " + String(repeating: "a", count: 16 << 10)).utf8.count == 16 << 10)
        #expect(Self.read("Bearer " + String(repeating: "a", count: 16 << 10 | 1)) == "malformed")
        #expect("\(BearerToken([Array("Bearer abc".utf8)]))".contains("abc") == false)
    }

    // MARK: Sessions

    private static func session(_ id: String, _ target: String = "t") -> SessionPins.Session {
        SessionPins.Session(target: target, id: Array(id.utf8))
    }

    @Test func `a session belongs to whom it was given, on its target`() {
        let pins = SessionPins()
        #expect(pins.pin(Self.session("s"), to: "alice"))
        #expect(pins.isPinned(Self.session("s"), to: "alice"))
        #expect(!pins.isPinned(Self.session("s"), to: "bob"))
        #expect(!pins.isPinned(Self.session("s", "other"), to: "alice"))
        #expect(!pins.isPinned(Self.session("S"), to: "alice"))
        #expect(!pins.pin(Self.session("s"), to: "bob"), "a server cannot give away what is another's")
        #expect(pins.isPinned(Self.session("s"), to: "alice"))
        pins.forget(Self.session("s"))
        #expect(!pins.isPinned(Self.session("s"), to: "alice"))
    }

    @Test func `who has too many sessions loses the one that was used longest ago, and nobody else's`() {
        let pins = SessionPins(perPrincipal: 3, total: 5)
        for id in ["a", "b", "c"] { _ = pins.pin(Self.session(id), to: "alice") }
        _ = pins.pin(Self.session("z"), to: "bob")
        #expect(pins.isPinned(Self.session("a"), to: "alice"))
        _ = pins.pin(Self.session("d"), to: "alice")
        let kept = ["a", "b", "c", "d"].filter { pins.isPinned(Self.session($0), to: "alice") }
        #expect(kept == ["a", "c", "d"])
        for number in 0..<100 { _ = pins.pin(Self.session("\(number)"), to: "carol") }
        #expect(pins.count == 5)
        #expect(pins.isPinned(Self.session("z"), to: "bob"))
    }

    // MARK: Metadata

    private static func resource(_ path: String, scopes: [String] = []) -> ProtectedResource {
        ProtectedResource(
            origin: "https://gw.example", path: path, authorizationServers: ["https://login.example"], scopes: scopes)
    }

    @Test func `the metadata names the resource and where its tokens come from`() throws {
        let answer = Self.resource("/mcp/files", scopes: ["tools"]).metadata
        let json = try JSON.parse(String(decoding: answer.body, as: UTF8.self))
        #expect(json["resource"] == "https://gw.example/mcp/files")
        #expect(json["authorization_servers"] == .array(["https://login.example"]))
        #expect(json["bearer_methods_supported"] == .array(["header"]))
        #expect(json["scopes_supported"] == .array(["tools"]))
        #expect(answer.fields.contains(HTTPAnswer.Field(name: "content-type", value: "application/json")))
    }

    @Test func `the metadata lies in front of the resource's path, and at the root`() {
        let resource = Self.resource("/mcp/files")
        #expect(resource.metadataPath == "/.well-known/oauth-protected-resource/mcp/files")
        #expect(resource.isMetadata(path: "/.well-known/oauth-protected-resource/mcp/files"))
        #expect(resource.isMetadata(path: "/.well-known/oauth-protected-resource"))
        #expect(!resource.isMetadata(path: "/.well-known/oauth-protected-resource/other"))
        #expect(Self.resource("/").metadataPath == "/.well-known/oauth-protected-resource")
        #expect(Self.resource("/").identifier == "https://gw.example")
    }

    @Test func `a challenge says where the metadata is, and what was wrong`() {
        #expect(
            Self.resource("/mcp").challenge(nil)
                == "Bearer resource_metadata=\"https://gw.example/.well-known/oauth-protected-resource/mcp\"")
        let challenge = Self.resource("/", scopes: ["a", "b"]).challenge(.invalidToken)
        #expect(challenge.hasPrefix("Bearer error=\"invalid_token\", error_description=\""))
        #expect(challenge.hasSuffix("scope=\"a b\""))
    }
}
