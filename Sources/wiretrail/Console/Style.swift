import Adapters
import Glibc

/// Colours, where somebody sees them.
struct Style: Sendable {
    enum Choice: String, Sendable, CaseIterable {
        case auto, always, never
    }

    let isColored: Bool

    /// - Parameter descriptor: where the text goes; 1 is standard output.
    init(_ choice: Choice = .auto, for descriptor: Int32 = STDOUT_FILENO) {
        switch choice {
        case .always: isColored = true
        case .never: isColored = false
        // https://no-color.org: any value but an empty one counts.
        case .auto:
            isColored =
                isatty(descriptor) == 1 && (Environment["NO_COLOR"] ?? "").isEmpty && Environment["TERM"] != "dumb"
        }
    }

    func title(_ text: String) -> String { paint(text, "1") }
    func name(_ text: String) -> String { paint(text, "36") }
    func good(_ text: String) -> String { paint(text, "32") }
    func bad(_ text: String) -> String { paint(text, "1;31") }
    func doubtful(_ text: String) -> String { paint(text, "33") }
    func faint(_ text: String) -> String { paint(text, "2") }

    private func paint(_ text: String, _ code: String) -> String {
        isColored ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
