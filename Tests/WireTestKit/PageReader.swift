public import Protocols

/// Someone who reads an exported page in Chromium; Tests/Clients/browse.py tells what the steps are.
public struct PageReader: Sendable {
    /// What each step found.
    public let steps: [JSON]
    /// All that is to be seen.
    public let text: String
    public let title: String
    /// The names of all elements on the page.
    public let elements: Set<String>
    /// What went wrong in the browser's eyes: messages on the console, requests to anywhere, scripts that were not ours.
    public let complaints: [String]

    public init(_ page: String, _ steps: [String] = []) async throws {
        let script = Repository.root + "/Tests/Clients/browse.py"
        let python = Repository.root + "/.build/venv/bin/python"
        let output = try await Command(python, [script, page] + steps).output(timeoutSeconds: 300)
        let report = try JSON.parse(output)
        func texts(_ name: String) -> [String] { (report[name]?.array ?? []).compactMap(\.string) }
        self.steps = report["steps"]?.array ?? []
        text = report["text"]?.string ?? ""
        title = report["title"]?.string ?? ""
        elements = Set(texts("elements"))
        complaints =
            texts("console") + texts("foreign") + (report["broken"]?.bool == false ? [] : ["a foreign script ran"])
    }
}
