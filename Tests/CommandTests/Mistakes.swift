extension Mistake {
    /// Words that are wrong by themselves.
    static let commandLine = [
        Mistake("", 2, "no command was given", "wiretrail --help"),
        Mistake("recrod postgres://h/d", 2, "“recrod” is no command", "did you mean: wiretrail record?"),
        Mistake("verfy x", 2, "“verfy” is no command", "did you mean: wiretrail verify?"),
        Mistake("frobnicate", 2, "“frobnicate” is no command", "the commands are: record"),
        Mistake("--json", 2, "“--json” stands where a command must", "wiretrail sessions --json"),
        Mistake("help recrod", 2, "“recrod” is no command", "did you mean: wiretrail record?"),
        Mistake("postgres://alice@db/shop", 2, "a URL stands where a command must", "wiretrail record postgres://…"),
        Mistake("keys trsut x", 2, "“keys trsut” is no command", "did you mean: wiretrail keys trust?"),
        Mistake("verify", 2, "needs FILE|DIR|SESSION", "wiretrail verify FILE|DIR|SESSION…"),
        Mistake("verify x --recordngs y", 2, "has no option --recordngs", "did you mean --recordings?"),
        Mistake("verify x --pem", 2, "has no option --pem", "it belongs to: wiretrail keys"),
        Mistake("verify x --frobnicate", 2, "has no option --frobnicate", "wiretrail verify --help"),
        Mistake("verify x -state y", 2, "has no option -state", "two hyphens: --state"),
        Mistake("verify x --state", 2, "--state needs a value", "--state DIR"),
        Mistake("verify x --state --key k", 2, "--state needs a value", "--state DIR"),
        Mistake("verify x --state=", 2, "--state needs a value", "--state DIR"),
        Mistake("verify x --state a --state b", 2, "--state is given twice", "leave one"),
        Mistake("keys --pem=yes", 2, "--pem takes no value", "write --pem alone"),
    ]

    /// What `record` is told wrongly.
    static let address = [
        Mistake("record", 2, "needs URL", "wiretrail record URL"),
        Mistake(
            "record postgres://h/d postgres://i/e", 2, "“postgres://…” is one argument too many", "wiretrail record URL"
        ),
        Mistake("record localhost/shop", 2, "does not begin with postgres://", "postgres://USER@HOST:PORT/DATABASE"),
        Mistake("record mysql://h/d", 2, "mysql:// is not a protocol", "PostgreSQL can"),
        Mistake("record postgres://a@h:54x2/d", 2, "“54x2” is no port", "from 1 to 65535"),
        Mistake("record postgres://a@h:70000/d", 2, "“70000” is no port", "from 1 to 65535"),
        Mistake("record postgres://a@::1/d", 2, "more than one colon", "[::1]"),
        Mistake("record postgres://a@[::1/d", 2, "bracket of the IPv6 address", "[::1]:5432"),
        Mistake("record postgres://a:p/w@h/d", 2, "before the @", "%2F"),
        Mistake("record postgres://a:50%@h/d", 2, "two hexadecimal digits", "%25"),
        Mistake("record postgres://a@h,i/d", 2, "several hosts", "name one"),
        Mistake("record postgres://a@h/d?sslmode=prefer", 2, "leaves open", "verify-full"),
        Mistake("record postgres://a@h/d?sslmode=on", 2, "“on” is no sslmode", "disable, require"),
        Mistake("record postgres://a@h/d?sslrootcert=/no/such.pem", 2, "/no/such.pem", "check the path"),
        Mistake("record postgres://a@h/d?ssl=1", 2, "“ssl” is unknown", "sslmode"),
        Mistake("record postgres://a@h/d?application_name=x", 2, "belongs to each client", "psql"),
        Mistake("record postgres://a@h/d --durability stict", 2, "cannot be “stict”", "did you mean strict?"),
        Mistake("record postgres://a@h/d --listen 0.0.0.0:6432", 2, "not on loopback", "ssh -L"),
        Mistake("record postgres://a@h/d --listen 6432", 2, "no address to listen on", "127.0.0.1:6432"),
        Mistake("record postgres://a@h/d --listen 127.0.0.1:http", 2, "has no port", "--listen 127.0.0.1:6432"),
        Mistake("record postgres://a@h/d --listen ::1", 2, "no address to listen on", "HOST:PORT"),
        Mistake("record postgres://a@h/d --listen no.such.host.invalid:1", 2, "cannot resolve", "loopback"),
        Mistake("record postgres://a@h/d --listen /tmp/socket", 2, "do not find a Unix socket", ".s.PGSQL.6432"),
    ]

    /// Files and folders that are not what they should be.
    static let files = [
        Mistake("record postgres://a@h/d --recordings ~/f", 1, "~/f", "another folder", before: "touch f"),
        Mistake("record postgres://a@h/d --state ~/f", 1, "~/f", "another folder", before: "touch f"),
        Mistake("record postgres://a@h/d --state ~/s", 1, "others may open it", "chmod 700", before: "mkdir -m 755 s"),
        Mistake("verify ~/\u{1b}[2J.wtr", 6, "~/\\x1b[2J.wtr", "check the path"),
        Mistake("verify ~/none.wtr", 6, "No such file", "check the path"),
        Mistake("verify ~/link.wtr", 6, "symbolic link", "name the file itself", before: "touch f; ln -s f link.wtr"),
        Mistake("verify ~/empty", 6, "there are no recordings in", "--recordings", before: "mkdir empty"),
        Mistake("verify 12", 1, "there are no recordings", "--recordings DIR"),
        Mistake(
            "verify 12", 1, "no session “12”", "wiretrail sessions",
            before: "mkdir -p .local/share/wiretrail/recordings"),
        Mistake("verify ~/f.wtr", 3, "ALTERED", "f.wtr", before: "seq 1000 > f.wtr"),
        Mistake("verify ~/f.wtr", 4, "incomplete", "record", before: ": > f.wtr"),
    ]

    /// What readers of recordings get wrong.
    static let reading = [
        Mistake("sessions", 1, "there are no recordings", "--recordings DIR"),
        Mistake("sessions x", 2, "“x” is one argument too many", "wiretrail sessions [OPTION…]"),
        Mistake("sessions --limit many", 2, "--limit takes a whole number above 0", "--limit 20"),
        Mistake("sessions --limit 0", 2, "--limit takes a whole number above 0", "--limit 20"),
        Mistake("sessions --session-state opn", 2, "cannot be “opn”", "did you mean open?"),
        Mistake("sessions --protocol oracle", 2, "“oracle” is no protocol", "postgres"),
        Mistake("sessions --follow", 2, "has no option --follow", "it belongs to: wiretrail timeline"),
        Mistake(
            "sessions", 1, "catalog.sqlite", "--state",
            before: "umask 077; mkdir -p .local/share/wiretrail/recordings \(state)/catalog.sqlite"),
        Mistake("catalog", 2, "“catalog” is no command", "wiretrail catalog rebuild"),
        Mistake("catalog rebild", 2, "“catalog rebild” is no command", "wiretrail catalog rebuild"),
        Mistake("catalog rebuild", 1, "there are no recordings", "--recordings DIR"),
        Mistake(
            "catalog rebuild", 6, "f.wtr is no recording", "wiretrail verify",
            before: "mkdir -p .local/share/wiretrail/recordings; seq 1000 > .local/share/wiretrail/recordings/f.wtr"),
        Mistake("timeline", 2, "needs SESSION|FILE", "wiretrail timeline SESSION|FILE"),
        Mistake("export 1", 2, "which format?", "add --format, one of: html"),
        Mistake("export x.wtr --format files", 2, "files need a folder", "--output DIR"),
        Mistake("export 1 --format pcap", 2, "--format cannot be “pcap”", "did you mean pcapng?"),
        Mistake("timeline 1 2", 2, "one argument too many", "wiretrail timeline SESSION|FILE"),
        Mistake("timeline 1 --from tomorrow", 2, "that is no time", "2026-11-21T04:16:34Z"),
        Mistake("timeline 1 --from 2026-02-30", 2, "that is no time", "UTC"),
        Mistake("timeline 1 --to 5y", 2, "that is no time", "30s, 10m, 2h, 3d"),
        Mistake("timeline 1 --from 1h --to 2h", 2, "nothing lies between them", "swap them"),
        Mistake("timeline 1 --color blue", 2, "--color cannot be “blue”", "auto, always, never"),
        Mistake("timeline 1 --json --rows", 2, "--json has neither rows", "leave out --rows"),
        Mistake("timeline ~/f.wtr", 6, "f.wtr", "wiretrail verify", before: "seq 1000 > f.wtr"),
        Mistake("timeline ~", 6, "cannot", "name a file, not a folder"),
        Mistake("search", 2, "needs TEXT", "wiretrail search TEXT"),
        Mistake("search x", 1, "there are no recordings", "--recordings DIR"),
        Mistake("search x ~/none/", 6, "No such file", "check the path"),
        Mistake("search x --rows", 2, "has no option --rows", "it belongs to: wiretrail timeline"),
        Mistake("raw ~/f.wtr", 2, "whose bytes?", "--direction client"),
        Mistake("raw ~/f.wtr --direction up", 2, "cannot be “up”", "client, server"),
        Mistake("raw ~/none.wtr --direction client", 6, "No such file", "check the path"),
    ]

    static let all = commandLine + address + files + reading + keys + control

    static let keys = [
        Mistake("keys --pem", 1, "there is no gateway's key", "--state DIR"),
        Mistake("keys trust ~/none.pem", 1, "No such file", "check the path"),
        Mistake("keys trust ~/k", 1, "is no Ed25519 public key", "wiretrail keys --pem", before: "echo hello > k"),
        Mistake(
            "keys trust ~/k.pem", 1, "is no Ed25519 public key", "never pass on a private one",
            before: "openssl genpkey -algorithm ed25519 -out k.pem"),
        Mistake("keys trust ~/k.pem --name a/b", 1, "plain file name", "--name", before: publicKey),
        Mistake(
            "keys trust ~/other.pem --name k", 1, "another key is trusted under this name", "--name",
            before: "\(publicKey); \(trusted); \(publicKey.replacing("k.pem", with: "other.pem"))"),
        Mistake("keys distrust k", 1, "no key is trusted under the name “k”", "trusted are: none"),
        Mistake("keys distrust kk", 1, "under the name “kk”", "did you mean k?", before: "\(publicKey); \(trusted)"),
        Mistake("verify x --key ~/none.pem", 1, "No such file", "check the path"),
        Mistake(
            "keys", 1, "others may open it", "chmod 600",
            before: "mkdir -p -m 700 \(state); umask 022; echo x > \(state)/gateway.key"),
        Mistake(
            "record postgres://a@h/d", 1, "is no Ed25519 private key", "--state",
            before: "umask 077; mkdir -p \(state); echo x > \(state)/gateway.key"),
    ]

    /// What is asked of a gateway that does not run, or wrongly.
    static let control = [
        Mistake("list", 1, "no gateway listens on ~/.local/state/wiretrail/control.sock", "--state DIR"),
        Mistake("status", 1, "no gateway listens", "wiretrail record", before: stale),
        Mistake("kill", 2, "needs SESSION", "wiretrail kill SESSION"),
        Mistake("kill seven", 2, "“seven” is no session's number", "wiretrail list"),
        Mistake("kill 7 --socket ~/none", 1, "no gateway listens on ~/none", "--state DIR"),
        Mistake("answer 4", 2, "needs allow|deny", "wiretrail answer QUESTION allow|deny"),
        Mistake("answer 4 yes --reason x", 2, "“yes” is no answer", "wiretrail answer 4 allow|deny"),
        Mistake("answer 4 allow", 2, "an answer needs a reason", "--reason"),
        Mistake("reload --state ~/f", 1, "the gateway cannot be asked", "ls -l", before: "touch f"),
        Mistake(
            "list --state ~/\(String(repeating: "x", count: 100))", 1, "Unix socket's path", "at most 107 bytes"),
        Mistake("record postgres://a@h/d --metrics 9187", 2, "no address to listen on", "--metrics 127.0.0.1:6432"),
        Mistake("record postgres://a@h/d --metrics 0.0.0.0:9187", 2, "not on loopback", "127.0.0.1"),
    ]

    /// What a killed gateway leaves behind.
    private static let stale =
        "mkdir -p -m 700 \(state); python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('\(state)/control.sock')\""
    private static let state = ".local/state/wiretrail"
    private static let publicKey = "openssl genpkey -algorithm ed25519 | openssl pkey -pubout -out k.pem"
    private static let trusted = "umask 077; mkdir -p \(state)/trusted; cp k.pem \(state)/trusted/k.pem"
}
