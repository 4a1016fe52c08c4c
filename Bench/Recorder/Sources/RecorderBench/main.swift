import Glibc
import Protocols
import Recorder

/// Records on one lane what a workload says, and prints what that cost per record and per byte.
struct RecorderBench {
    let recorder: Recorder

    /// Runs the workload if it is wanted: without names on the command line all are.
    func run(_ name: String, _ work: (RecorderLane) throws -> (records: Int, bytes: Int)) rethrows {
        guard CommandLine.arguments.count < 3 || CommandLine.arguments.contains(name) else { return }
        let before = ThreadTimes()
        var start = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
        let (records, bytes) = try work(recorder.lanes[0])
        var end = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
        let append = (end.tv_sec - start.tv_sec) * 1_000_000_000 + end.tv_nsec - start.tv_nsec
        // The compactor is done when nothing changes any more.
        var after = ThreadTimes()
        var earlier = after
        repeat {
            earlier = after
            sleep(1)
            after = ThreadTimes()
        } while after.byName["compactor-", default: 0] > earlier.byName["compactor-", default: 0] + 5_000_000
        let cost = after - before
        print("\(name): \(records) records of \(bytes / max(1, records)) bytes")
        line("append", UInt64(append), records, bytes)
        for (thread, time) in cost.sorted(by: { $0.key < $1.key }) where time > 1_000_000 && thread != "RecorderBench" {
            line(thread, time, records, bytes)
        }
    }

    private func line(_ name: String, _ nanoseconds: UInt64, _ records: Int, _ bytes: Int) {
        let perRecord = nanoseconds / UInt64(max(1, records))
        let rate = nanoseconds == 0 ? 0 : UInt64(bytes) * 1000 / nanoseconds
        print("  \(name): \(nanoseconds / 1_000_000) ms of CPU, \(perRecord) ns per record, \(rate) MB/s")
    }
}

let path = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "/tmp/recorder-bench"
var configuration = RecorderConfiguration(state: path + "/state", recordings: path + "/recordings", lanes: 1)
configuration.minimumFreeBytes = 0
let recorder = try Recorder(configuration)
let bench = RecorderBench(recorder: recorder)
let facts = StartFacts(
    protocolID: ProtocolID(rawValue: "postgres"), client: "127.0.0.1:50000", listener: "127.0.0.1:6432",
    target: "orders", software: "bench", sessionNumber: 0, previousLedgerHash: [])

func now() -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(monotonicNanoseconds: 1, wallNanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
}

func waitForRoom(_ lane: RecorderLane) { while !lane.hasRoom { usleep(500) } }

/// As pgbench -S -M prepared makes them: 32 connections, a question and an answer each time.
try bench.run("transactions") { lane in
    let recordings = try (0..<32).map { _ in try lane.begin(facts, at: now()) }
    let question = (0..<56).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let answer = (0..<98).map { UInt8(truncatingIfNeeded: $0 &* 11) }
    let count = 1_000_000
    let time = now()
    for number in 0..<count {
        if number & 63 == 0 { waitForRoom(lane) }
        let recording = recordings[number & 31]
        _ = try recording.data(question.span, .clientToServer, stream: 0, at: time)
        _ = try recording.data(answer.span, .serverToClient, stream: 0, at: time)
    }
    for recording in recordings { recording.finish("done", at: now()) }
    return (2 * count, count * (56 + 98))
}

/// As a large result makes them: text that shrinks by half, 64 KiB at a time.
try bench.run("bulk") { lane in
    let recording = try lane.begin(facts, at: now())
    var state: UInt64 = 1
    let block = (0..<(1 << 20)).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return 0x61 + UInt8(truncatingIfNeeded: state >> 60)
    }
    let count = 16_384
    for number in 0..<count {
        waitForRoom(lane)
        let start = (number &* 4099) % (block.count - 65_536)
        _ = try recording.data(block.span.extracting(start..<start + 65_536), .serverToClient, stream: 0, at: now())
    }
    recording.finish("done", at: now())
    return (count, count * 65_536)
}

/// As pgbench -C makes them: a connection for each transaction.
try bench.run("connections") { lane in
    let bytes = (0..<400).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let count = 20_000
    for _ in 0..<count {
        waitForRoom(lane)
        let recording = try lane.begin(facts, at: now())
        try recording.identity(Identity(subject: "alice", method: "peer-uid"), at: now())
        for _ in 0..<4 {
            _ = try recording.data(bytes.span, .clientToServer, stream: 0, at: now())
            _ = try recording.data(bytes.span, .serverToClient, stream: 0, at: now())
        }
        recording.finish("done", at: now())
    }
    return (count, count * 3200)
}
recorder.shutdown()
