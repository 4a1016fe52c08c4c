/// What the program tells its caller.
enum ExitCode: Int32, Sendable, CaseIterable {
    case success = 0
    case failed = 1
    case usage = 2
    case altered = 3
    case incomplete = 4
    case unknownSigner = 5
    case unreadable = 6
    case nothingFound = 7
    /// 128 + SIGPIPE, as a shell tells of a program that a closed pipe ended.
    case brokenPipe = 141

    var meaning: String {
        switch self {
        case .success: "what was asked for was done, and all of it holds"
        case .failed: "it could not be done; standard error says why"
        case .usage: "the command line or the configuration is wrong; nothing was done"
        case .altered: "a recording or the ledger was changed, or a recording is missing"
        case .incomplete: "a recording has no END: it is still written, or its end was cut off"
        case .unknownSigner: "all fits, but the signer's key is not trusted"
        case .unreadable: "a file could not be read"
        case .nothingFound: "nothing fits"
        case .brokenPipe: "whoever read the output went away"
        }
    }
}
