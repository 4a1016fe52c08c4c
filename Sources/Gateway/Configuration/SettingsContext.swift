import Adapters

/// What reading a configuration gathers beside the values.
final class SettingsContext {
    /// Where relative paths begin: the folder that the file is in.
    let folder: String
    var problems: [YAMLProblem] = []
    var references: [SettingsReference] = []

    init(folder: String) { self.folder = folder }

    func report(_ position: YAMLPosition, _ cause: String, _ remedy: String) {
        problems.append(YAMLProblem(position, cause, remedy))
    }
}
