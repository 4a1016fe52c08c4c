import Adapters
import Testing
import WireTestKit

@Suite struct YAMLDocumentTests {
    private func parse(_ text: String, _ limits: YAMLLimits = YAMLLimits()) -> YAMLDocument {
        YAMLDocument(parsing: Array(text.utf8), limits: limits)
    }

    @Test func `nodes know their places, in characters`() throws {
        let document = parse("größe: 'ü'\nlist:\n  - 1\n  - {a: b}\n")
        #expect(document.problems.isEmpty)
        guard case .mapping(let entries)? = document.root?.content else { return #expect(Bool(false)) }
        #expect(entries.map(\.key) == ["größe", "list"])
        #expect(entries.map(\.value.position.description) == ["1:8", "3:3"])
        #expect(entries[0].value.content == .scalar("ü", isPlain: false))
        guard case .sequence(let items) = entries[1].value.content else { return #expect(Bool(false)) }
        #expect(items.map(\.position.description) == ["3:5", "4:5"])
        #expect(items[0].content == .scalar("1", isPlain: true))
    }

    @Test(
        arguments: [
            ("a: &x 1\nb: *x", ["1:4: anchors", "2:4: aliases"]),
            ("a: !secret x\nb: !!str y\nc: ! z", ["1:4: tags", "2:4: tags", "3:4: tags"]),
            ("a: {<<: {b: c}}", ["1:5: merge keys"]),
            ("a: 1\nb: 2\na: 3\na: 4", ["3:1: the key “a”", "4:1: the key “a”"]),
            ("a: 1\n--- \nb: 2", ["2:1: a second document"]),
            ("? {a: b}\n: c\n? [d]\n: e", ["1:3: a key is a word", "3:3: a key is a word"]),
            ("", ["1:1: the file is empty"]),
            ("# only a comment\n", ["1:1: the file is empty"]),
            ("a: \u{7}", ["1:4: this is no YAML: control characters"]),
            ("a: [1", ["2:1: this is no YAML"]),
        ] as [(String, [String])])
    func `what is refused is told at its place`(_ text: String, _ expected: [String]) {
        let problems = parse(text).problems.map(\.description)
        #expect(problems.count == expected.count, "\(problems)")
        for (problem, begin) in zip(problems, expected) { #expect(problem.hasPrefix(begin), "\(problem)") }
    }

    @Test func `what is not UTF-8 is told at its place`() {
        let document = YAMLDocument(parsing: Array("a: b\nc: ".utf8) + [0xff, 0x0a])
        #expect(document.root == nil)
        #expect(document.problems.map(\.position.description) == ["2:4"])
    }

    @Test func `UTF-16 is not guessed at`() {
        #expect(YAMLDocument(parsing: [0xff, 0xfe, 0x61, 0x00, 0x3a, 0x00]).root == nil)
    }

    @Test func `depth, number and length are bounded`() {
        var limits = YAMLLimits()
        limits.depth = 3
        #expect(parse("[[1]]", limits).problems.isEmpty)
        #expect(parse("[[[1]]]", limits).problems.first?.cause.contains("more than 3 deep") == true)
        limits.nodeCount = 4
        #expect(parse("[1, 2, 3]", limits).problems.isEmpty)
        #expect(parse("[1, 2, 3, 4]", limits).problems.first?.cause.contains("more than 4 values") == true)
        limits.byteCount = 4
        #expect(parse("[1]", limits).problems.isEmpty)
        #expect(parse("[123]", limits).problems.first?.cause == "the file has 5 bytes")
    }

    /// A few hundred bytes that would be gigabytes when aliases were followed.
    @Test func `a billion laughs are one problem each`() {
        var text = "a: &a [x, x, x, x, x, x, x, x]\n"
        for (name, before) in zip("bcdefghij", "abcdefghi") {
            text += "\(name): &\(name) [" + Array(repeating: "*\(before)", count: 8).joined(separator: ", ") + "]\n"
        }
        #expect(parse(text).problems.count == 10 + 9 * 8)
    }

    @Test func `what the fuzzer found, and begins with, reads as it must, however it is cut`() throws {
        for input in try FuzzInput.all(of: "FuzzYAML") {
            let bytes = input.bytes
            for count in 0...bytes.count where count % 7 == 0 || count == bytes.count {
                let violation = YAMLProperties.violation(Array(bytes.prefix(count)))
                #expect(violation == nil, "\(input.path), cut at \(count)")
            }
        }
    }
}
