import Protocols
import Testing
import Transport
import WireTestKit

@testable import Gateway

@Suite struct KeyFetchTests {
    private static let issuer = TokenIssuerStandIn(.es256, keyID: "k")
    private static let keys = JSON.object(["keys": .array([issuer.jwk])]).text

    private func fetch(
        _ server: KeyServer, url: String? = nil, authority: String = "root", limit: Duration = .seconds(60)
    ) async throws -> Result<JSONWebKeySet, KeyFetch.Failure> {
        let resolver = Resolver()
        let fetch = KeyFetch(resolver: resolver, tls: try await KeyServer.client(authority), limit: limit)
        let result = try await server.onLoop { loop in
            do throws(KeyFetch.Failure) {
                return Result<JSONWebKeySet, KeyFetch.Failure>.success(
                    try await fetch.keys(at: url ?? server.url, on: loop))
            } catch { return .failure(error) }
        }
        await server.stop()
        return result
    }

    @Test(arguments: [KeyServer.Manner.answers, .answersAndCloses])
    func `keys come over https, whether or not the server closes`(_ manner: KeyServer.Manner) async throws {
        let server = try await KeyServer(manner, answer: KeyServer.ok(Self.keys))
        #expect(try await fetch(server).get().keys.map(\.id) == ["k"])
    }

    @Test func `keys come in chunks, too`() async throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let chunks = Self.keys.map { "1\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"
        let server = try await KeyServer(answer: head + chunks)
        #expect(try await fetch(server).get().keys.count == 1)
    }

    @Test(arguments: ["elsewhere", "expired", "foreign", "forclients", "selfsigned"])
    func `a server that cannot prove its name is not asked`(_ certificate: String) async throws {
        let server = try await KeyServer(certificate: certificate, answer: KeyServer.ok(Self.keys))
        guard case .failure(.transport(.tls)) = try await fetch(server) else {
            Issue.record("it was believed")
            return
        }
        #expect(server.count == 0)
    }

    @Test func `redirects are not followed`() async throws {
        let server = try await KeyServer(
            answer: "HTTP/1.1 302 Found\r\nLocation: https://localhost/keys\r\nContent-Length: 0\r\n\r\n")
        #expect(try await fetch(server) == .failure(.answer(.status(302))))
        #expect(server.count == 1)
    }

    @Test func `a page is no set of keys`() async throws {
        let server = try await KeyServer(answer: KeyServer.ok("<html>Log in</html>"))
        guard case .failure(.keys) = try await fetch(server) else {
            Issue.record("it was taken")
            return
        }
    }

    @Test func `an answer that is cut off is none`() async throws {
        let server = try await KeyServer(.answersAndCloses, answer: String(KeyServer.ok(Self.keys).dropLast()))
        #expect(try await fetch(server) == .failure(.cutOff))
    }

    @Test func `an endless answer is none`() async throws {
        let chunk = "10000\r\n" + String(repeating: " ", count: 0x10000) + "\r\n"
        let server = try await KeyServer(
            answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: chunk, count: 17))
        #expect(try await fetch(server) == .failure(.answer(.tooLong)))
    }

    @Test func `a server that says nothing is given up`() async throws {
        let server = try await KeyServer(.staysSilent)
        #expect(try await fetch(server, limit: .milliseconds(300)) == .failure(.slow))
    }

    @Test func `nobody there, and no such name`() async throws {
        let closed = try await KeyServer()
        guard case .failure(.transport(.system(.connect, _))) = try await fetch(closed, url: "https://localhost:1/")
        else {
            Issue.record("somebody answered")
            return
        }
        let unknown = try await KeyServer()
        guard case .failure(.transport(.unresolved)) = try await fetch(unknown, url: "https://nowhere.invalid/") else {
            Issue.record("the name was found")
            return
        }
    }
}

@Suite struct IdentityDirectoryTests {
    private static let first = TokenIssuerStandIn(.es256, keyID: "first")
    private static let second = TokenIssuerStandIn(.es256, keyID: "second")

    private func document(_ issuers: TokenIssuerStandIn...) -> String {
        JSON.object(["keys": .array(issuers.map(\.jwk))]).text
    }

    private func token(_ signer: TokenIssuerStandIn, issuer: String = "https://login.example") -> Secret {
        let end = Timestamp.current().wallNanoseconds / 1_000_000_000 + 300
        let claims = #"{"iss":"\#(issuer)","aud":"wiretrail","sub":"alice","exp":\#(end)}"#
        return Secret(Array(signer.token(header: #"{"alg":"ES256","kid":"\#(signer.keyID)"}"#, claims: claims).utf8))
    }

    private func directory(
        _ server: KeyServer, after predecessor: IdentityDirectory? = nil, groups: [String] = [],
        reports: Reports = Reports()
    ) async throws -> IdentityDirectory {
        var identities = Settings.Identities()
        identities.jwt = [
            Settings.Identities.Issuer(
                issuer: "https://login.example", audience: "wiretrail", keys: server.url, groups: groups)
        ]
        return try IdentityDirectory(
            identities, after: predecessor, secret: Secret([1]), resolver: Resolver(),
            tls: try await KeyServer.client(),
            report: { reports.add($0.description) })
    }

    private func present(
        _ token: Secret, to directory: IdentityDirectory, _ server: KeyServer
    ) async throws -> Result<Identity, IdentityRefusal> {
        try await server.onLoop { loop in
            do throws(IdentityRefusal) {
                let identity = try await directory.identity(presenting: token, accepting: [.jwt], on: loop)
                return Result<Identity, IdentityRefusal>.success(identity)
            } catch { return .failure(error) }
        }
    }

    @Test func `the first token fetches the keys, and the next ones do without`() async throws {
        let server = try await KeyServer(answer: KeyServer.ok(document(Self.first)))
        let directory = try await directory(server)
        #expect(server.count == 0)
        for _ in 0..<3 { #expect(try await present(token(Self.first), to: directory, server).get().subject == "alice") }
        #expect(server.count == 1)
        #expect(directory.store.issuers.map(\.issuer) == ["https://login.example"])
        await server.stop()
    }

    @Test func `many tokens at once fetch the keys once`() async throws {
        let server = try await KeyServer(answer: KeyServer.ok(document(Self.first)))
        let directory = try await directory(server)
        let token = token(Self.first)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask { try await self.present(token, to: directory, server).get().subject == "alice" }
            }
            for try await isAlice in group { #expect(isAlice) }
        }
        #expect(server.count == 1)
        await server.stop()
    }

    @Test func `the next generation keeps the keys of an issuer that is configured as before`() async throws {
        let server = try await KeyServer(answer: KeyServer.ok(document(Self.first)))
        let first = try await directory(server)
        #expect(try await present(token(Self.first), to: first, server).get().subject == "alice")
        let second = try await directory(server, after: first)
        let third = try await directory(server, after: second)
        for directory in [second, third] {
            #expect(try await present(token(Self.first), to: directory, server).get().subject == "alice")
            let stranger = try await present(token(Self.second), to: directory, server)
            #expect(stranger == .failure(.token(.unknownKey)))
        }
        #expect(server.count == 1, "nor does a reload let strangers make us ask")
        let changed = try await directory(server, after: third, groups: ["staff"])
        #expect(try await present(token(Self.first), to: changed, server).get().groups == ["staff"])
        #expect(server.count == 2)
        await server.stop()
    }

    @Test func `strangers with invented keys do not make us ask again and again`() async throws {
        let server = try await KeyServer(answer: KeyServer.ok(document(Self.first)))
        let directory = try await directory(server)
        for _ in 0..<5 {
            let result = try await present(token(Self.second), to: directory, server)
            #expect(result == .failure(.token(.unknownKey)))
        }
        #expect(server.count == 1)
        await server.stop()
    }

    @Test func `a token of another issuer, and no token at all, fetch nothing`() async throws {
        let server = try await KeyServer(answer: KeyServer.ok(document(Self.first)))
        let directory = try await directory(server)
        let foreign = token(Self.first, issuer: server.url)
        #expect(try await present(foreign, to: directory, server) == .failure(.token(.unknownIssuer)))
        let garbage = Secret(Array("a.b.c".utf8))
        guard case .failure(.token(.malformed)) = try await present(garbage, to: directory, server) else {
            Issue.record("it is a token")
            return
        }
        #expect(server.count == 0)
        await server.stop()
    }

    @Test func `keys that cannot be fetched let nobody in, and are told of`() async throws {
        let server = try await KeyServer(answer: "HTTP/1.1 500 X\r\n\r\n")
        let reports = Reports()
        let directory = try await directory(server, reports: reports)
        let result = try await present(token(Self.first), to: directory, server)
        #expect(result == .failure(.token(.unknownIssuer)))
        #expect(reports.all == ["the keys at \(server.url) could not be fetched: the answer has status 500"])
        await server.stop()
    }

    @Test func `keys in files are read at once, or the configuration is refused`() async throws {
        let folder = ScratchFolder()
        var identities = Settings.Identities()
        identities.jwt = [
            Settings.Identities.Issuer(
                issuer: "https://login.example", audience: "wiretrail", keys: folder.path + "/keys.json")
        ]
        let tls = try await KeyServer.client()
        func directory() throws(FileUnusable) -> IdentityDirectory {
            try IdentityDirectory(identities, secret: Secret([1]), resolver: Resolver(), tls: tls, report: { _ in })
        }
        #expect(throws: FileUnusable.self) { try directory() }
        try write("{}", to: folder.path + "/keys.json")
        #expect(throws: FileUnusable.self) { try directory() }
        try write(document(Self.first), to: folder.path + "/keys.json")
        #expect(try directory().store.issuers.count == 1)
    }
}
