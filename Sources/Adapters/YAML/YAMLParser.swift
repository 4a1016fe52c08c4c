import CYAML

/// One pass of libyaml over a text. Owns libyaml's parser and a copy of the text, and frees both in `deinit`.
@safe
final class YAMLParser {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        unsafe text = .allocate(capacity: bytes.count)
        _ = unsafe text.initialize(from: bytes)
        unsafe parser = .allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else { fatalError("libyaml has no memory for a parser") }
        // Told, not guessed: a file that begins like UTF-16 is an error.
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        // SAFETY: the text lives as long as the parser.
        unsafe yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe text.deallocate()
    }

    /// The next event; `.streamEnd` at the end, and after it again.
    func next() throws(YAMLProblem) -> YAMLEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw problem() }
        defer { unsafe yaml_event_delete(&event) }
        return unsafe YAMLEvent(event)
    }

    private func problem() -> YAMLProblem {
        // SAFETY: libyaml's texts are constants.
        let says = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "it ends too early"
        // The reader, which checks characters, knows an offset only.
        let position =
            unsafe parser.pointee.error == YAML_READER_ERROR
            ? position(ofByte: unsafe parser.pointee.problem_offset)
            : unsafe YAMLPosition(parser.pointee.problem_mark)
        return YAMLProblem(position, "this is no YAML: \(says)", Self.remedy(says))
    }

    private func position(ofByte offset: Int) -> YAMLPosition {
        // SAFETY: the offset is one within the text.
        let before = unsafe [UInt8](text.prefix(offset))
        let lines = before.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let last = String(decoding: lines.last ?? [], as: UTF8.self)
        return YAMLPosition(line: max(1, lines.count), column: last.unicodeScalars.count + 1)
    }

    private static func remedy(_ problem: String) -> String {
        switch problem {
        case "found a tab character that violates indentation": "YAML is indented with spaces, never with tabs"
        case "found character that cannot start any token":
            "text that begins with @ or ` or % stands in quotes, and lines are indented with spaces, never with tabs"
        case "mapping values are not allowed in this context":
            "is the line indented too far? Text that holds “: ” stands in quotes"
        case "did not find expected key", "did not find expected '-' indicator", "could not find expected ':'":
            "keys of one section begin in the same column, and each is written KEY: VALUE"
        case "invalid leading UTF-8 octet", "invalid trailing UTF-8 octet", "incomplete UTF-8 octet sequence":
            "save the file as UTF-8"
        case "control characters are not allowed": "remove the invisible character"
        default: "look at the indentation and the quotes here and in the lines above"
        }
    }
}

/// What libyaml reads next.
struct YAMLEvent {
    enum Kind: Equatable {
        case streamStart, streamEnd, documentStart, documentEnd
        case scalar(String, isPlain: Bool)
        case sequenceStart, sequenceEnd
        case mappingStart, mappingEnd
        /// `*name`.
        case alias
    }

    let kind: Kind
    let position: YAMLPosition
    /// `&name` stands before it.
    var isAnchored = false
    /// `!name` stands before it.
    var isTagged = false

    fileprivate init(_ event: yaml_event_t) {
        position = unsafe YAMLPosition(event.start_mark)
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_ALIAS_EVENT: kind = .alias
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            // SAFETY: libyaml gives `length` bytes, valid until the event is deleted.
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            kind = unsafe .scalar(
                String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
            isAnchored = unsafe scalar.anchor != nil
            isTagged = unsafe scalar.tag != nil
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            isAnchored = unsafe event.data.sequence_start.anchor != nil
            isTagged = unsafe event.data.sequence_start.tag != nil
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            isAnchored = unsafe event.data.mapping_start.anchor != nil
            isTagged = unsafe event.data.mapping_start.tag != nil
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        default: kind = .streamEnd
        }
    }
}

extension YAMLPosition {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: mark.line + 1, column: mark.column + 1)
    }
}
