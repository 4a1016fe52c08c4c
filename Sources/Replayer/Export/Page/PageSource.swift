import Adapters
import Protocols

/// What every page has in common: its style, its script, its markup, and a policy that lets a browser run those alone.
struct PageSource: Sendable {
    static let shared = PageSource()

    /// Up to the data.
    let head: [UInt8]
    /// From the data on.
    let tail: [UInt8]

    private init() {
        let style = PackageResources.page_css
        let script = [
            PackageResources.reading_js, PackageResources.words_js, PackageResources.drawing_js,
            PackageResources.page_js,
        ].flatMap(\.self)
        // Content Security Policy Level 3 §2.3.1: nothing is loaded, and no script or style runs but the two with these hashes.
        let policy =
            "default-src 'none'; script-src '\(Self.hash(script))'; style-src '\(Self.hash(style))'; "
            + "base-uri 'none'; form-action 'none'"
        let begin = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <meta name="referrer" content="no-referrer">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Wiretrail</title>
            <style>
            """
        head =
            Array(begin.utf8) + style + Array("</style>\n</head>\n<body aria-busy=\"true\">\n".utf8)
            + PackageResources.page_html
        tail = Array("<script>".utf8) + script + Array("</script>\n</body>\n</html>\n".utf8)
    }

    private static func hash(_ bytes: [UInt8]) -> String { "sha256-" + Base64.encode(SHA256.hash(bytes.span).span) }
}
