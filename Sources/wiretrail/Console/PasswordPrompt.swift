import Glibc
import Protocols

/// Takes a password: from the terminal, which does not show it, or else the first line of standard input.
enum PasswordPrompt {
    /// A longer one is no password; in bytes.
    private static let byteCountMaximum = 1024

    static func read() throws(Failure) -> Secret {
        guard isatty(STDIN_FILENO) == 1 else { return try line() }
        let first = try ask("Password: ")
        guard try ask("The same again: ").bytes == first.bytes else {
            throw Failure("the two passwords differ", "run it again")
        }
        return first
    }

    /// As getpass(3): no echo, and no signals, since one would leave the terminal without its echo.
    private static func ask(_ question: String) throws(Failure) -> Secret {
        var shown = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &shown) == 0 else {
            throw Failure("the terminal cannot be told to hide a password", "pipe the password in")
        }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO | ISIG)
        unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            Output.log("")
        }
        Output.prompt(question)
        return try line()
    }

    private static func line() throws(Failure) -> Secret {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        // One by one: what follows the line is somebody else's.
        while true {
            // SAFETY: room for the one byte asked for.
            let count = unsafe Glibc.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure("cannot read the password", "pipe it in, or run it in a terminal") }
            guard count > 0, byte != UInt8(ascii: "\n") else { break }
            bytes.append(byte)
            guard bytes.count <= byteCountMaximum else {
                throw .usage("the password has more than \(byteCountMaximum) bytes", "choose a shorter one")
            }
        }
        guard !bytes.isEmpty else { throw .usage("no password was given", "type it, or pipe it in") }
        return Secret(bytes)
    }
}
