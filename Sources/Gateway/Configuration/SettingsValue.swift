import Adapters
import Protocols
import Transport

/// A kind of single value: how it is written, and what it becomes.
struct SettingsValue<Value>: Sendable {
    /// With its article: "a duration".
    let name: String
    /// As it would stand in the file.
    let example: String
    /// `nil` when the text is none of this kind.
    let parse: @Sendable (_ text: String, _ isPlain: Bool) throws(SettingsFault) -> Value?

    init(
        _ name: String, example: String,
        _ parse: @escaping @Sendable (_ text: String, _ isPlain: Bool) throws(SettingsFault) -> Value?
    ) {
        self.name = name
        self.example = example
        self.parse = parse
    }

    /// - Parameter subject: what the value belongs to, as a problem calls it.
    func read(_ node: YAMLNode, _ subject: String, _ context: SettingsContext) -> Value? {
        guard case .scalar(let text, let isPlain) = node.content, !node.isNothing else {
            if node.content == .refused { return nil }
            context.report(node.position, "\(subject) is \(name), not \(node.kind)", "for example: \(example)")
            return nil
        }
        do throws(SettingsFault) {
            if let value = try parse(text, isPlain) { return value }
            context.report(node.position, "“\(text)” is not \(name)", "for example: \(example)")
        } catch {
            context.report(node.position, error.cause, error.remedy)
        }
        return nil
    }
}

/// Why a value is wrong, when more can be said than that it is none of its kind.
struct SettingsFault: Error {
    let cause: String
    let remedy: String
}

// MARK: Text

extension SettingsValue<String> {
    static let text = SettingsValue("a text", example: "\"a text\"") { text, _ throws(SettingsFault) in
        guard text.utf8.count <= 1000 else {
            throw SettingsFault(cause: "the text has more than 1000 bytes", remedy: "shorten it")
        }
        guard !text.unicodeScalars.contains(where: { $0 != "\n" && DisplayText.isUnsafe($0) }) else {
            throw SettingsFault(cause: "the text holds invisible characters", remedy: "remove them")
        }
        return text
    }

    /// A name that stands in messages, rules and file names.
    static func name(_ example: String) -> SettingsValue {
        SettingsValue("a name", example: example) { text, _ throws(SettingsFault) in
            guard text.utf8.count <= 128 else {
                throw SettingsFault(cause: "the name has more than 128 bytes", remedy: "shorten it")
            }
            guard !text.unicodeScalars.contains(where: { DisplayText.isUnsafe($0) }) else {
                throw SettingsFault(cause: "the name holds invisible characters", remedy: "remove them")
            }
            return text
        }
    }

    /// One of the names that the file defines elsewhere.
    ///
    /// - Parameter noun: "target".
    static func known(_ names: Set<String>, _ noun: String, example: String) -> SettingsValue {
        SettingsValue("a \(noun)", example: example) { text, _ throws(SettingsFault) in
            guard !names.contains(text) else { return text }
            // So that a file with many mistakes and many names is told of in time.
            let candidates = names.sorted().prefix(100)
            let near = Suggestion.nearest(to: text, among: Array(candidates)).map { "did you mean “\($0)”?" }
            let all = names.isEmpty ? "the file defines none" : "there are: \(candidates.joined(separator: ", "))"
            throw SettingsFault(cause: "there is no \(noun) “\(text)”", remedy: near ?? all)
        }
    }

    /// A path; relative ones begin in `folder`.
    static func path(_ folder: String) -> SettingsValue {
        SettingsValue("a path", example: "/etc/wiretrail/server.pem") { text, _ throws(SettingsFault) in
            guard !text.unicodeScalars.contains(where: { DisplayText.isUnsafe($0) }) else {
                throw SettingsFault(cause: "the path holds invisible characters", remedy: "remove them")
            }
            guard !text.hasPrefix("~") else {
                throw SettingsFault(
                    cause: "“~” means nothing here, since no shell reads this file", remedy: "write the folder out")
            }
            return text.hasPrefix("/") ? text : "\(folder)/\(text)"
        }
    }

    /// The name of an environment variable (POSIX, "Environment Variable Definition").
    static let variable = SettingsValue("the name of an environment variable", example: "ORDERS_PASSWORD") {
        text, _ throws(SettingsFault) in
        guard text.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) == nil else { return text }
        // The text may be the secret itself, so it is not repeated.
        throw SettingsFault(
            cause: "this is not the name of an environment variable",
            remedy: "write the variable's name, not what it holds: ORDERS_PASSWORD")
    }
}

// MARK: Words

extension SettingsValue where Value: CaseIterable & RawRepresentable<String> & SendableMetatype {
    /// One of a type's words.
    static var word: SettingsValue {
        let words = Value.allCases.map(\.rawValue)
        return SettingsValue("one of \(words.joined(separator: ", "))", example: words[0]) {
            text, _ throws(SettingsFault) in
            if let value = Value(rawValue: text) { return value }
            let near = Suggestion.nearest(to: text, among: words).map { "did you mean “\($0)”? " } ?? ""
            throw SettingsFault(
                cause: "“\(text)” is none of the words that may stand here",
                remedy: "\(near)it is one of: \(words.joined(separator: ", "))")
        }
    }
}

extension SettingsValue<Bool> {
    /// YAML 1.1 has 22 ways to say it; here are two.
    static let truth = SettingsValue("true or false", example: "true") { text, isPlain in
        switch text {
        case "true" where isPlain: true
        case "false" where isPlain: false
        default: nil
        }
    }
}

// MARK: Numbers

extension SettingsValue<Int> {
    static func count(_ range: ClosedRange<Int>, example: Int) -> SettingsValue {
        SettingsValue("a whole number", example: "\(example)") { text, isPlain throws(SettingsFault) in
            guard isPlain, let number = Int(text) else { return nil }
            guard range.contains(number) else {
                throw SettingsFault(
                    cause: "\(number) is out of range",
                    remedy: "it is between \(range.lowerBound) and \(range.upperBound)")
            }
            return number
        }
    }

    /// An amount of memory or disk, in bytes.
    static func bytes(_ range: ClosedRange<Int>, example: String) -> SettingsValue {
        let units = ["KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40]
        return SettingsValue("an amount of bytes", example: example) { text, _ throws(SettingsFault) in
            guard let (number, unit) = SettingsValue.measure(text) else { return nil }
            guard let factor = units[unit] else {
                throw SettingsFault(
                    cause: "“\(text)” has no unit that is known", remedy: "units are KiB, MiB, GiB, TiB: \(example)")
            }
            let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: factor)
            guard !isTooLarge, range.contains(bytes) else {
                throw SettingsFault(cause: "“\(text)” is out of range", remedy: "for example: \(example)")
            }
            return bytes
        }
    }

    /// A number and the letters behind it.
    fileprivate static func measure(_ text: String) -> (number: Int, unit: String)? {
        guard let match = text.wholeMatch(of: /([0-9]{1,15}) ?([A-Za-z]*)/), let number = Int(match.1) else {
            return nil
        }
        return (number, String(match.2))
    }
}

extension SettingsValue<Duration> {
    static func duration(_ range: ClosedRange<Duration>, example: String) -> SettingsValue {
        let units: [String: Duration] = [
            "ms": .milliseconds(1), "s": .seconds(1), "m": .seconds(60), "h": .seconds(3600), "d": .seconds(86_400),
        ]
        return SettingsValue("a duration", example: example) { text, _ throws(SettingsFault) in
            guard let (number, unit) = SettingsValue<Int>.measure(text), number <= 1 << 32 else { return nil }
            guard let factor = units[unit] else {
                throw SettingsFault(
                    cause: "“\(text)” has no unit that is known", remedy: "units are ms, s, m, h, d: \(example)")
            }
            guard range.contains(factor * number) else {
                throw SettingsFault(
                    cause: "“\(text)” is out of range",
                    remedy: "it is between \(range.lowerBound) and \(range.upperBound)")
            }
            return factor * number
        }
    }
}

// MARK: Places

extension SettingsValue<SocketAddress> {
    /// Numbers only: what a name means could change with every look.
    static let address = SettingsValue("an address to listen on", example: "127.0.0.1:6432") {
        text, _ throws(SettingsFault) in
        if text.hasPrefix("/") { return .unix(path: text) }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw SettingsFault(
                cause: "“\(text)” has no port after its last colon", remedy: "for example: 127.0.0.1:6432")
        }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard isBracketed || !host.contains(":") else {
            throw SettingsFault(cause: "an IPv6 address stands in brackets", remedy: "for example: \"[::1]:6432\"")
        }
        if let address = SocketAddress(host: host == "localhost" ? "127.0.0.1" : String(host), port: port) {
            return address
        }
        throw SettingsFault(
            cause: "“\(host)” is no address of this machine in numbers",
            remedy: "for example: 127.0.0.1:6432, 0.0.0.0:6432 for all of IPv4, or \"[::]:6432\" for IPv6")
    }
}
