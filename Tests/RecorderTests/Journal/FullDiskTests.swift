import Protocols
import Recorder
import Testing
import WireTestKit

@Suite(.timeLimit(.minutes(5))) struct FullDiskTests {
    private let rig = RecorderRig()

    /// Puts the recordings, and nothing else, on a disk of their own.
    private func disk() async throws -> SmallDisk {
        try await SmallDisk(rig.configuration.recordings, byteCount: 8 << 20)
    }

    /// Appends until the recording is refused; returns what was taken until then.
    private func appendUntilRefused(_ recording: Recording) async throws -> (taken: [UInt8], RecorderError) {
        var taken: [UInt8] = []
        let piece = [UInt8](repeating: 0x61, count: 32 << 10)
        while true {
            do throws(RecorderError) {
                _ = try recording.data(piece.span, .clientToServer, stream: 0, at: .now)
                taken += piece
            } catch { return (taken, error) }
            // The compactor notices by and by.
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    @Test func `below the mark no recording begins, above it they do`() async throws {
        let disk = try await disk()
        rig.configuration.minimumFreeBytes = 4 << 20
        let recorder = try rig.recorder()
        disk.fill(except: 1 << 20)
        try await until {
            do throws(RecorderError) { _ = try recorder.lanes[0].begin(.test, at: .now) } catch {
                guard case .diskLow(rig.configuration.recordings, _, 4_194_304) = error else { throw error }
                return true
            }
            return false
        }
        disk.empty()
        try await until { (try? recorder.lanes[0].begin(.test, at: .now)) != nil }
        recorder.shutdown()
        try await rig.expectHolds()
    }

    @Test func `a recording that cannot be written ends its connection, and is completed when there is space`()
        async throws
    {
        let disk = try await disk()
        let recorder = try rig.recorder()
        let written = try recorder.lanes[0].begin(.test, at: .now)
        let bystander = [UInt8](repeating: 0x62, count: 200 << 10)
        _ = try written.data(bystander.span, .serverToClient, stream: 0, at: .now)
        try await until { try rig.recordings().count == 1 }
        disk.fill()

        let failing = try recorder.lanes[0].begin(.test, at: .now)
        let (taken, error) = try await appendUntilRefused(failing)
        guard case .recordingFailed(let fault) = error else { throw error }
        #expect(fault.isFullDisk)
        failing.finish("the recording failed", at: .now)
        written.finish("done", at: .now)
        disk.empty()

        // Meanwhile the folder changes under the verifier.
        try await until {
            let holds = (try? await rig.verify().holds) == true
            return try holds && rig.recordings().count == 2
        }
        let kept = try rig.recordings().map { try ReadRecording($0) }
        #expect(kept.first { $0.id == written.id }?.bytes(.serverToClient) == bystander)
        #expect(kept.first { $0.id == failing.id }?.bytes(.clientToServer) == taken)
        #expect(kept.map(\.end?.cause) == [.closed, .closed])
        recorder.shutdown()
        try await rig.expectHolds()
    }

    @Test func `what a full disk kept from its file at shutdown is recovered when there is space`() async throws {
        let disk = try await disk()
        let taken = try await recordUntilRefused(on: disk)
        #expect(throws: RecorderError.self) { try rig.recorder() }
        disk.empty()
        let recorder = try rig.recorder()
        #expect(recorder.recovered == 1)
        recorder.shutdown()
        let kept = try rig.recordings().map { try ReadRecording($0) }
        #expect(kept.map { $0.bytes(.clientToServer) } == [taken])
        #expect(kept.map(\.end?.cause) == [.closed])
        try await rig.expectHolds()
    }

    /// One gateway's run, whose only recording meets a full disk; returns what that took.
    private func recordUntilRefused(on disk: SmallDisk) async throws -> [UInt8] {
        let recorder = try rig.recorder()
        let recording = try recorder.lanes[0].begin(.test, at: .now)
        disk.fill()
        let (taken, _) = try await appendUntilRefused(recording)
        recording.finish("the recording failed", at: .now)
        recorder.shutdown()
        return taken
    }
}
