extension WrongConfiguration {
    /// One listener and one target.
    private static func http(
        _ listener: String, _ target: String, _ position: String, _ cause: String,
        _ remedy: String
    ) -> WrongConfiguration {
        let start = "version: 1\nlisteners:\n  - {protocol: http, \(listener)}\ntargets:\n"
        return WrongConfiguration(
            text: start + "  - {name: h, protocol: http, \(target)}\n", position: position, cause: cause, remedy: remedy
        )
    }

    private static let url = "url: \"http://h:9000\""
    private static let loopback = "address: \"127.0.0.1:80\""

    static let http = [
        http(
            "address: \"0.0.0.0:80\", logins: [token]", url, "3:31", "the names are missing", "hosts: [gateway.example]"
        ),
        http("\(loopback), hosts: [\"http://a\"]", url, "3:55", "is no host's name", "no scheme, no port"),
        http("\(loopback), hosts: [\"*.a\"]", url, "3:55", "is no host's name", "no “*”"),
        http("\(loopback), origins: [a.example]", url, "3:57", "is no origin", "https://app.example"),
        WrongConfiguration(
            text:
                "version: 1\nlisteners:\n  - {protocol: http, \(loopback)}\ntargets:\n  - {name: h, protocol: http, \(url)}\n"
                + "recording: {secretParameters: [\"a=b\"]}\n",
            position: "6:32", cause: "is no parameter's name", remedy: "write the name alone"),
        http(
            "\(loopback), proxies: {trusted: [10.0.0.1/8], field: forwarded}", url, "3:67", "no range of addresses",
            "10.1.0.0/16"),
        http(
            "\(loopback), proxies: {trusted: [\"::/0\"], field: forwarded}", url, "3:67", "is everybody",
            "own addresses"),
        http("\(loopback), proxies: {trusted: [10.0.0.1]}", url, "3:56", "“field” is missing", "field: forwarded"),
        http("\(loopback), proxies: {field: forwarded}", url, "3:56", "“trusted” is missing", "trusted: [10.1.0.0/16]"),
        http(
            "\(loopback), proxies: {trusted: [10.0.0.1], field: x-real-ip}", url, "3:85", "may stand here",
            "forwarded, x-forwarded-for"),
        http("\(loopback), channelBinding: required", url, "3:63", "no channel binding in HTTP", "leave it out"),
        http("\(loopback), logins: [scram]", url, "3:55", "scram is PostgreSQL's", "jwt, token or certificate"),
        http("address: /run/x.sock", url, "3:31", "not listened for on a Unix socket", "127.0.0.1"),
        http(loopback, "url: \"postgres://h/d\"", "5:36", "does not begin with http://", "http://HOST:PORT"),
        http(loopback, "url: \"http://u:secret@h/\"", "5:36", "holds a user or password", "write it without"),
        http(loopback, "url: \"http://h/?a=b\"", "5:36", "read in two ways", "without “..”"),
        http(loopback, "url: \"http://h/a/../b\"", "5:36", "read in two ways", "without “..”"),
        http(loopback, "url: \"http://h:0/\"", "5:36", "is no port", "1 to 65535"),
        http(loopback, "url: \"http:///x\"", "5:36", "names no host", "http://HOST:PORT"),
        http(loopback, "url: \"http://h\", tls: {verification: full}", "5:53", "http has no TLS", "write https://"),
        http(loopback, "url: \"https://h\", tls: {verification: \"off\"}", "5:54", "takes it away", "write http://"),
        http(loopback, "url: \"http://h\", path: files", "5:54", "no beginning of a path", "first “/”"),
        http(loopback, "url: \"http://h\", path: /.well-known/x", "5:54", "the gateway's own", "another path"),
        http(
            loopback, "url: \"http://h\", credential: {header: Host}", "5:69", "how a request is read", "the credential"
        ),
        http(loopback, "url: \"http://h\", credential: {header: X-Key}", "5:69", "needs a token", "add tokenFile"),
        http(loopback, "url: \"http://h\", credential: {user: u}", "5:67", "without a password", "passwordFile"),
        http(
            loopback, "url: \"http://h\"}\n  - {name: i, protocol: http, url: \"http://i\"", "6:12",
            "the same requests", "path: /i"),
        http(
            "\(loopback), targets: [p]", "url: \"http://h\"}\n  - {name: p, url: \"postgres://h/d\"", "3:56",
            "speaks another protocol", "a listener of its own"),
        with(": orders\n", as: ": orders\n    path: /x\n", "6:5", "unknown key “path”", "known here"),
    ]
}
