// swift-tools-version: 6.2
import PackageDescription

// Built by `./run` only, which instruments the whole graph with libFuzzer's coverage and AddressSanitizer.

let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-parse-as-library"]),
]

func fuzzer(_ name: String, _ products: Target.Dependency...) -> Target {
    .executableTarget(name: name, dependencies: ["FuzzKit"] + products, swiftSettings: strict)
}

let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "wiretrail", path: "..")],
    targets: [
        .systemLibrary(name: "CFuzzer", path: "Sources/CFuzzer"),
        .target(name: "FuzzKit", dependencies: ["CFuzzer"], swiftSettings: strict),
        fuzzer("FuzzPostgres", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzPostgresSecrets", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzSSH", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzHTTP2", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzHPACK", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzLogins", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzJournal", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzJSONRPC", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzHTTPTimeline", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzYAML", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzSSE", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzWebSocket", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzHTTP", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzCapture", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzControl", .product(name: "WireTestKit", package: "wiretrail")),
        fuzzer("FuzzReassembly", .product(name: "WireTestKit", package: "wiretrail")),
    ],
    swiftLanguageModes: [.v6]
)
