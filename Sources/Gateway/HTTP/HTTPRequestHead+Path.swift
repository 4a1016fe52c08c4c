import Protocols

extension HTTPRequestHead {
    /// The path as it came, without the query; of an absolute-form (RFC 9112 §3.2.2) what follows the authority.
    func pathText(in bytes: Span<UInt8>) -> String {
        let text = String(decoding: [UInt8](copying: bytes.extracting(target)), as: UTF8.self)
        let path = text.prefix { $0 != "?" }
        guard targetForm == .absolute else { return String(path) }
        let authority = path.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 2, omittingEmptySubsequences: false)
            .last
        guard let authority, let slash = authority.firstIndex(of: UInt8(ascii: "/")) else { return "/" }
        return String(path[slash...])
    }
}
