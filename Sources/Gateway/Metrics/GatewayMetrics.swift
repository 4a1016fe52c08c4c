import Protocols
import Recorder

/// The figures of `/metrics`; docs/monitoring.md lists them.
struct GatewayMetrics {
    let started: Timestamp
    let openQuestions: Int
    let isReady: Bool
    /// One for each loop, as all that follows.
    let counters: [LoopCounters]
    let states: [LiveSession.State: Int]
    let delays: [Duration]
    let recorder: RecorderStatus

    var families: [MetricFamily] { [build] + process + connections + traffic + recordings + [journal, loops] }

    private var build: MetricFamily {
        var family = MetricFamily("wiretrail_build_info", .gauge, "Always 1; the label is the version.")
        family.add("version", Software.version, 1)
        return family
    }

    private var process: [MetricFamily] {
        [
            MetricFamily(
                "process_start_time_seconds", .gauge, "When the gateway started, in seconds since 1970.",
                started.wallNanoseconds / 1_000_000_000),
            MetricFamily(
                "wiretrail_ready", .gauge, "1 when a new connection would be let in, else 0.", isReady ? 1 : 0),
        ]
    }

    private var connections: [MetricFamily] {
        var open = MetricFamily("wiretrail_connections", .gauge, "Open connections.")
        for state in LiveSession.State.allCases { open.add("state", state.rawValue, Double(states[state] ?? 0)) }
        return [
            open,
            sum("wiretrail_connections_accepted_total", "Connections that were let in.") { $0.accepted.count },
            sum("wiretrail_connections_refused_total", "Connections that were not let in.") { $0.refused.count },
            sum("wiretrail_connections_killed_total", "Connections that an operator ended.") { $0.killed.count },
        ]
    }

    private var traffic: [MetricFamily] {
        var bytes = MetricFamily("wiretrail_client_bytes_total", .counter, "Bytes exchanged with clients.")
        bytes.add("direction", "received", Double(counters.reduce(0) { $0 + $1.fromClients.count }))
        bytes.add("direction", "sent", Double(counters.reduce(0) { $0 + $1.toClients.count }))
        return [
            bytes,
            sum("wiretrail_denials_total", "Messages that a rule refused, whole or in part.") { $0.denials.count },
            MetricFamily("wiretrail_questions_open", .gauge, "Messages that wait for a person now.", openQuestions),
            sum("wiretrail_questions_total", "Messages that waited for a person.") { $0.questions.count },
        ]
    }

    private var recordings: [MetricFamily] {
        [
            MetricFamily(
                "wiretrail_recordings_open", .gauge, "Recordings that are not sealed yet.", recorder.openRecordings),
            MetricFamily(
                "wiretrail_recordings_sealed_total", .counter, "Recordings that were sealed.",
                recorder.sealedRecordings),
            MetricFamily(
                "wiretrail_recordings_failed", .gauge, "Recordings whose files cannot be written now.",
                recorder.failedRecordings),
            MetricFamily(
                "wiretrail_recordings_disk_free_bytes", .gauge, "Free bytes where the recordings are.",
                recorder.freeBytes),
            MetricFamily(
                "wiretrail_recordings_disk_minimum_bytes", .gauge, "With less free, no connection is let in.",
                recorder.minimumFreeBytes),
        ]
    }

    private var journal: MetricFamily {
        var family = MetricFamily(
            "wiretrail_journal_fill_ratio", .gauge, "How much of its journal a loop has in use; at 1 reading stops.")
        for (loop, fill) in recorder.journalFill.enumerated() { family.add("loop", String(loop), fill) }
        return family
    }

    private var loops: MetricFamily {
        var family = MetricFamily(
            "wiretrail_loop_delay_seconds", .gauge, "How late a loop came to what was due, at its last beat.")
        for (loop, delay) in delays.enumerated() { family.add("loop", String(loop), delay / .seconds(1)) }
        return family
    }

    private func sum(_ name: StaticString, _ help: StaticString, _ figure: (LoopCounters) -> UInt64) -> MetricFamily {
        MetricFamily(name, .counter, help, counters.reduce(0) { $0 + figure($1) })
    }
}
