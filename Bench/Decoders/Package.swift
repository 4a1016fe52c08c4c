// swift-tools-version: 6.2
import PackageDescription

// `swift run -c release --package-path Bench/Decoders`: what it costs to read HTTP, without any system call.

let package = Package(
    name: "decoder-bench",
    dependencies: [.package(name: "wiretrail", path: "../..")],
    targets: [
        .executableTarget(
            name: "DecoderBench", dependencies: [.product(name: "Protocols", package: "wiretrail")],
            swiftSettings: [
                .strictMemorySafety(), .treatAllWarnings(as: .error), .enableUpcomingFeature("MemberImportVisibility"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
