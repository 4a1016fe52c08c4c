import Protocols
public import Recorder

/// Writes a session as a page for a browser: `wiretrail export --format html`. docs/export.md says what is on it.
///
/// A page holds so much as a browser handles with ease. What is more becomes further pages, or is left out, and the page
/// says so.
public struct PageExport: Sendable {
    private static let chunkByteCount = 256 << 10

    public var session: RecordedSession
    public var seal: PageSeal
    /// The file names of the pages, counted from 1; without them there is one page.
    public var pageName: (@Sendable (Int) -> String)?
    public var eventMaximum = 20_000
    public var byteMaximum = 32 << 20

    public init(_ session: RecordedSession, seal: PageSeal) {
        self.session = session
        self.seal = seal
    }

    /// `write` gets the number of the page, and some of its bytes; it returns false to stop.
    public func run(write: (_ page: Int, Span<UInt8>) -> Bool) throws(StoreFault) {
        var source = try SessionEvents(session, limits: WireLimits())
        let (headings, state) = (source.headings, source.state)
        var page = Page(number: 1)
        var wantsMore = true
        begin(page, headings, write)
        try source.forEachEvent { event in
            if page.events >= eventMaximum || page.bytes >= byteMaximum {
                end(&page, state, at: event, write)
                guard pageName != nil else {
                    wantsMore = false
                    return false
                }
                page = Page(number: page.number + 1)
                begin(page, headings, write)
            }
            page.append(event)
            if page.chunk.count >= Self.chunkByteCount { wantsMore = page.flush(write) }
            return wantsMore
        }
        if wantsMore { end(&page, state, at: nil, write) }
    }

    private func begin(_ page: Page, _ headings: [TimelineHeading], _ write: (Int, Span<UInt8>) -> Bool) {
        var output = PageSource.shared.head
        let previous = page.number > 1 ? pageName?(page.number - 1) : nil
        let data = PageData.heading(headings, seal, previous: previous)
        PageData.element("id=\"heading\"", data, into: &output)
        _ = write(page.number, output.span)
    }

    /// `next` is the first event that has no place on the page.
    private func end(
        _ page: inout Page, _ state: TimelineHeading.State, at next: TimelineEvent?, _ write: (Int, Span<UInt8>) -> Bool
    ) {
        _ = page.flush(write)
        var members: [String: JSON] = ["state": .string(state.rawValue)]
        if let next {
            let time = UTCDate(wallNanoseconds: next.start.wallNanoseconds).extended8601
            members["next"] = pageName.map { .string($0(page.number + 1)) }
            members["leftOut"] = .string(
                pageName == nil
                    ? "What happened from \(time) on is left out: it is too much for one page. With --output FILE it is "
                        + "written to several."
                    : "What happened from \(time) on is on the next page.")
        }
        var output: [UInt8] = []
        PageData.element("id=\"ending\"", .object(members), into: &output)
        output += PageSource.shared.tail
        _ = write(page.number, output.span)
    }
}

/// A page that is being written.
private struct Page {
    let number: Int
    var events = 0
    var bytes = 0
    /// Events that are not written yet.
    var chunk: [UInt8] = []

    init(number: Int) { self.number = number }

    mutating func append(_ event: TimelineEvent) {
        let before = chunk.count
        chunk.append(contentsOf: (chunk.isEmpty ? "<script type=\"application/json\" class=\"events\">[" : ",").utf8)
        PageData.append(event, into: &chunk)
        events += 1
        bytes += chunk.count - before
    }

    mutating func flush(_ write: (Int, Span<UInt8>) -> Bool) -> Bool {
        guard !chunk.isEmpty else { return true }
        chunk.append(contentsOf: "]</script>\n".utf8)
        let wantsMore = write(number, chunk.span)
        chunk.removeAll(keepingCapacity: true)
        return wantsMore
    }
}
