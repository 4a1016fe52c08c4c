import Adapters

/// What reading a configuration gathers beside the values.
final class SettingsContext {
    /// Where relative paths begin: the folder that the file is in.
    let folder: String
    var problems: [YAMLProblem] = []
    /// Files that the settings name, to be looked at afterwards.
    var files: [SettingsFileReference] = []
    /// Environment variables that the settings name.
    var variables: [SettingsVariableReference] = []

    init(folder: String) { self.folder = folder }

    func report(_ position: YAMLPosition, _ cause: String, _ remedy: String) {
        problems.append(YAMLProblem(position, cause, remedy))
    }
}

/// A file that must be there, and who may read it.
struct SettingsFileReference: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// A certificate, a revocation list.
        case open
        /// An issuer's public keys (JWKS).
        case keySet
        /// A password or a private key: nobody else may read it.
        case secret
    }

    let path: String
    let kind: Kind
    let key: String
    let position: YAMLPosition
}

/// A variable that must be set.
struct SettingsVariableReference: Sendable, Hashable {
    let name: String
    let position: YAMLPosition
}
