import Protocols
import Recorder

/// Writes what a search found in one recording: which recording, then as a timeline would.
struct FindRenderer: Sendable {
    private let heading: TimelineHeading
    private let path: String
    private let text: TextTimeline?

    init(_ format: TimelineFormat, _ heading: TimelineHeading, path: String) {
        self.heading = heading
        self.path = path
        text =
            switch format {
            case .text(let colours, let showsRows): TextTimeline(colours: colours, showsRows: showsRows)
            case .jsonLines: nil
            }
    }

    func event(_ event: TimelineEvent, _ places: [String], into output: inout [UInt8]) {
        if let text {
            output.append(contentsOf: "\(session)  \(day(event)) ".utf8)
            text.event(event, into: &output)
            return
        }
        let find = JSONEventLine.Find(
            recording: heading.recording.description, session: heading.start?.sessionNumber, path: path, places: places)
        JSONEventLine(event: event, type: "find", find: find).write(into: &output)
    }

    /// What `timeline` takes; the recording's id where START was lost.
    private var session: String {
        heading.start.map { "session \($0.sessionNumber)" } ?? heading.recording.description
    }

    private func day(_ event: TimelineEvent) -> String {
        UTCDate(wallNanoseconds: event.start.wallNanoseconds).day8601
    }
}
