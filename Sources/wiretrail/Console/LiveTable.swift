import Gateway
import Protocols
import Transport

/// Open sessions in columns; all that peers said is made safe to show.
enum LiveTable {
    static func text(_ sessions: [LiveSession], style: Style) -> String {
        guard !sessions.isEmpty else { return "nobody is connected\n" }
        let now = Timestamp.current().wallNanoseconds
        var table = TextTable(
            ["SESSION", "SINCE", "WHO", "PROVEN BY", "TARGET", "CLIENT", "SENT", "RECEIVED", "STATE"], style: style)
        table.rows = sessions.map { session in
            [
                "\(session.number)", Amount.duration(nanoseconds: now - session.since),
                DisplayText.line(session.subject ?? "–", limit: 40), DisplayText.line(session.method ?? "–", limit: 20),
                DisplayText.line(session.target, limit: 60), DisplayText.line(session.client, limit: 60),
                Amount.size(session.bytesFromClient), Amount.size(session.bytesToClient), session.state.rawValue,
            ]
        }
        return table.text { row, cell in
            switch sessions[row].state {
            case .busy: style.good(cell)
            case .asking, .connecting, .ending: style.doubtful(cell)
            case .idle: cell
            }
        }
    }
}

/// Questions, each with the statement that it is about.
enum QuestionList {
    static func text(_ questions: [OpenQuestion], style: Style) -> String {
        guard !questions.isEmpty else { return "no question waits\n" }
        let now = Timestamp.current().wallNanoseconds
        return questions.map { question in
            let rest = Amount.duration(nanoseconds: question.expires - now)
            let head =
                "\(style.title("question \(question.id)"))  session \(question.session)  "
                + "\(style.name(DisplayText.line(question.asker, limit: 40)))  "
                + "rule \(DisplayText.line(question.rule, limit: 40))  \(style.doubtful("waits \(rest) more"))\n"
            return head + DisplayText.lines(question.title, limit: 2000).map { "  \($0)\n" }.joined()
        }.joined(separator: "\n")
    }
}

/// Something that just happened, on one line.
enum EventLine {
    static func text(_ event: LiveEvent, style: Style) -> String {
        let time = UTCDate(wallNanoseconds: event.time).time8601
        let name = DisplayText.line(event.event)
        let painted =
            switch event.level {
            case .debug, .info: style.name(name)
            case .warning: style.doubtful(name)
            case .error: style.bad(name)
            }
        let fields = event.fields.sorted { $0.key < $1.key }.map { " \(DisplayText.line($0.key))=\($0.value.text)" }
        return "\(style.faint(time))  \(painted) \(fields.joined())"
    }
}

/// How a gateway is.
enum StatusPage {
    static func text(_ status: GatewayStatus, style: Style) -> String {
        func row(_ name: String, _ text: String) -> String {
            "  \(name.padding(to: 14))\(DisplayText.line(text, limit: 200))\n"
        }
        let since = UTCDate(wallNanoseconds: status.since)
        var page = status.isReady ? style.good("ready") + "\n" : style.bad("not ready") + "\n"
        for obstacle in status.obstacles { page += row("because", obstacle) }
        page += row("gateway", "\(Software.name) \(status.version), process \(status.processID)")
        page += row("since", "\(since.day8601) \(since.time8601.prefix(8)) (UTC)")
        if let configuration = status.configuration { page += row("configured by", configuration) }
        for listener in status.listeners { page += row("listens on", listener) }
        for target in status.targets { page += row("stands before", target) }
        page += row("sessions", "\(status.sessions)")
        page += row("questions", "\(status.questions)")
        return page
    }
}
