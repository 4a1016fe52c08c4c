/// The form in which timelines and finds are written.
public enum TimelineFormat: Sendable, Hashable {
    case text(colours: Bool, showsRows: Bool)
    /// docs/timeline.md has the schema.
    case jsonLines

    var renderer: any TimelineRenderer {
        switch self {
        case .text(let colours, let showsRows): TextTimeline(colours: colours, showsRows: showsRows)
        case .jsonLines: JSONTimeline()
        }
    }
}
