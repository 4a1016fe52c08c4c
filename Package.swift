// swift-tools-version: 6.2
import PackageDescription

/// Every target is built alike: Swift 6, memory safety spelled out, no warning left standing.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func system(_ name: String, pkgConfig: String? = nil, apt: [String] = []) -> Target {
    .systemLibrary(
        name: name, path: "Sources/Systems/\(name)", pkgConfig: pkgConfig,
        providers: apt.isEmpty ? nil : [.apt(apt)])
}

func library(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .testTarget(name: name, dependencies: ["WireTestKit"] + dependencies, swiftSettings: strict)
}

let package = Package(
    name: "wiretrail",
    products: [
        .library(name: "Protocols", targets: ["Protocols"]),
        .library(name: "Recorder", targets: ["Recorder"]),
        .executable(name: "wiretrail", targets: ["wiretrail"]),
        .library(name: "WireTestKit", targets: ["WireTestKit"]),
    ],
    targets: [
        system("CLinux"),
        system("COpenSSL", pkgConfig: "openssl", apt: ["libssl-dev"]),
        system("CLZ4", pkgConfig: "liblz4", apt: ["liblz4-dev"]),
        system("CIDN", pkgConfig: "libidn", apt: ["libidn-dev"]),
        system("CPgQuery", apt: ["libpg-query-dev"]),
        system("CSQLite", pkgConfig: "sqlite3", apt: ["libsqlite3-dev"]),
        system("CYAML", pkgConfig: "yaml-0.1", apt: ["libyaml-dev"]),
        system("CZlib", pkgConfig: "zlib", apt: ["zlib1g-dev"]),
        system("CNGHTTP2", pkgConfig: "libnghttp2", apt: ["libnghttp2-dev"]),
        system("CBrotli", pkgConfig: "libbrotlidec", apt: ["libbrotli-dev"]),
        system("CZstd", pkgConfig: "libzstd", apt: ["libzstd-dev"]),
        system("CPcap", pkgConfig: "libpcap", apt: ["libpcap-dev"]),

        library("Protocols"),
        library(
            "Adapters", "Protocols", "CLinux", "COpenSSL", "CLZ4", "CIDN", "CPgQuery", "CYAML", "CZlib", "CBrotli",
            "CZstd"),
        // Lifetimes: a mapped journal segment lends out its bytes as a `Span`.
        .target(
            name: "Recorder", dependencies: ["Adapters", "Protocols", "CLinux", "CSQLite"],
            swiftSettings: strict + [.enableExperimentalFeature("Lifetimes")]),
        // Lifetimes: a leased buffer lends out its bytes as a `Span`.
        .target(
            name: "Transport", dependencies: ["Protocols", "CLinux", "COpenSSL"],
            swiftSettings: strict + [.enableExperimentalFeature("Lifetimes")]),
        .target(
            name: "Replayer", dependencies: ["Recorder", "Adapters", "Protocols"],
            // The HTML page's parts stand in the program itself: a page is made wherever it runs.
            resources: ["page.html", "page.css", "reading.js", "words.js", "drawing.js", "page.js"].map {
                .embedInCode("Export/Page/\($0)")
            },
            swiftSettings: strict),
        library("Gateway", "Transport", "Recorder", "Adapters", "Protocols"),
        .executableTarget(
            name: "wiretrail",
            dependencies: ["Gateway", "Replayer", "Transport", "Recorder", "Adapters", "Protocols"],
            swiftSettings: strict),

        .target(
            name: "WireTestKit",
            dependencies: ["Gateway", "Replayer", "Recorder", "Adapters", "Protocols", "CLinux", "COpenSSL"],
            path: "Tests/WireTestKit", swiftSettings: strict),
        tests("ProtocolsTests", "Protocols", "Adapters", "CNGHTTP2"),
        tests("RecorderTests", "Recorder", "Adapters", "Protocols"),
        tests("ReplayerTests", "Replayer", "Recorder", "Adapters", "Protocols", "CPcap"),
        tests("TransportTests", "Transport", "Protocols", "CLinux"),
        tests("GatewayTests", "Gateway", "Transport", "Recorder", "Adapters", "Protocols"),
        tests("CommandTests", "wiretrail"),
        tests("InteropTests"),
        tests("TidyTests"),
    ],
    swiftLanguageModes: [.v6]
)
