import CLinux
import Glibc

/// A program that runs. Its output is gathered in memory files, so it never waits for us to read.
///
/// It ends with the last reference, and a guardian shell ends it when this process dies in whatever way: no server
/// outlives a test run.
public final class ChildProcess: Sendable {
    public let pid: Int32
    private let words: [String]
    private let input: Descriptor
    private let standardOutput = Descriptor.memory("output")
    private let standardError = Descriptor.memory("errors")
    /// Readable once the program has ended.
    private let ending: Descriptor
    private let guardian: Guardian

    /// Starts the program.
    ///
    /// - Parameter scratch: a directory that is removed after the program's end.
    public convenience init(_ command: Command, scratch: String? = nil) throws(ProcessError) {
        let input = Descriptor.memory("input")
        input.write(Array(command.input.utf8))
        input.rewind()
        try self.init(command, reading: input, keeping: input, scratch: scratch)
    }

    /// Starts the program with an input that is written later, by `send`.
    public static func interactive(_ command: Command) throws(ProcessError) -> ChildProcess {
        let (reader, writer) = Descriptor.pipe()
        return try ChildProcess(command, reading: reader, keeping: writer, scratch: nil)
    }

    private init(
        _ command: Command, reading: Descriptor, keeping: Descriptor, scratch: String?
    ) throws(ProcessError) {
        words = command.words
        input = keeping
        pid = try spawn(words, reading, standardOutput, standardError)
        ending = Descriptor(pidfd_open(pid, 0))
        guardian = Guardian(of: pid, scratch)
    }

    deinit {
        if !hasEnded { kill(pid, SIGINT) }
        if !ending.isReadable(withinMilliseconds: 5000) { kill(pid, SIGKILL) }
        guardian.release()
        _ = waitpid(pid, nil, 0)
    }

    /// What the program has written to its standard output so far.
    public var outputBytes: [UInt8] { standardOutput.contents }
    public var output: String { String(decoding: outputBytes, as: UTF8.self) }
    /// What the program has written to its standard error so far.
    public var errors: String { String(decoding: standardError.contents, as: UTF8.self) }

    public var hasEnded: Bool { ending.isReadable(withinMilliseconds: 0) }

    public func send(_ text: String) {
        input.write(Array(text.utf8))
    }

    public func signal(_ number: Int32) {
        kill(pid, number)
    }

    /// Waits for the end, on a thread of its own and never on Swift's pool.
    ///
    /// - Throws: `ProcessError.timedOut`, after killing the program.
    @discardableResult
    public func wait(timeoutSeconds: Int) async throws(ProcessError) -> Exit {
        let ended = await onThread { self.ending.isReadable(withinMilliseconds: Int32(timeoutSeconds) * 1000) }
        guard ended else {
            kill(pid, SIGKILL)
            throw .timedOut(words, seconds: timeoutSeconds, output: output, errors: errors)
        }
        return exit
    }

    /// It stays a zombie until `deinit`, so that its id is never somebody else's.
    private var exit: Exit {
        var info = unsafe siginfo_t()
        unsafe _ = waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
        // SAFETY: after waitid the union holds the SIGCHLD member.
        let status = unsafe info._sifields._sigchld.si_status
        return unsafe info.si_code == CLD_EXITED ? .status(status) : .signal(status)
    }
}

/// A shell that reads from a pipe whose other end only we hold. When we let go, or die and the kernel closes it, the
/// shell ends the program and removes its scratch directory.
private struct Guardian: Sendable {
    private let pid: pid_t?
    private let leash: Descriptor

    init(of ward: pid_t, _ scratch: String?) {
        let (reader, writer) = Descriptor.pipe()
        leash = writer
        let script = """
            if read -r _; then rm -rf "$2"; exit; fi
            kill -INT $1; for _ in $(seq 50); do kill -0 $1 || break; sleep 0.1; done
            kill -KILL $1; rm -rf "$2"
            """
        pid = try? spawn(["/bin/sh", "-c", script, "guardian", "\(ward)", scratch ?? ""], reader, .null(), .null())
    }

    /// The program has ended by itself: only the scratch directory remains.
    func release() {
        leash.write(Array("ended\n".utf8))
        if let pid { _ = waitpid(pid, nil, 0) }
    }
}

let isRoot = geteuid() == 0

/// posix_spawnp in a process group of its own, so that Ctrl-C at the terminal reaches the test run alone.
func spawn(
    _ words: [String], _ input: Descriptor, _ output: Descriptor, _ errors: Descriptor
) throws(ProcessError) -> pid_t {
    var pid: pid_t = 0
    // SAFETY: the attributes, file actions and copied words live until the call is over and are freed here.
    let failure = {
        var attributes = posix_spawnattr_t()
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawnattr_init(&attributes)
        unsafe posix_spawn_file_actions_init(&actions)
        defer {
            unsafe posix_spawnattr_destroy(&attributes)
            unsafe posix_spawn_file_actions_destroy(&actions)
        }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        for (target, source) in [input, output, errors].enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, source.number, Int32(target))
        }
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        return unsafe posix_spawnp(&pid, words[0], &actions, &attributes, &arguments, wt_environment())
    }()
    guard failure == 0 else { throw .notStarted(words, errno: failure) }
    return pid
}

/// Runs what blocks on a thread of its own.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        let task = unsafe Unmanaged.passRetained(Work { continuation.resume(returning: work()) })
        var thread = pthread_t()
        // SAFETY: the task is retained above and released once, by the thread.
        unsafe _ = pthread_create(
            &thread, nil,
            { task in
                unsafe Unmanaged<Work>.fromOpaque(task!).takeRetainedValue().run()
                return nil
            }, unsafe task.toOpaque())
        pthread_detach(thread)
    }
}

private final class Work: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
