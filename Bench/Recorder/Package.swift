// swift-tools-version: 6.2
import PackageDescription

// `swift run -c release --package-path Bench/Recorder`: what recording costs, thread by thread.

let package = Package(
    name: "recorder-bench",
    dependencies: [.package(name: "wiretrail", path: "../..")],
    targets: [
        .executableTarget(
            name: "RecorderBench",
            dependencies: [
                .product(name: "Recorder", package: "wiretrail"), .product(name: "Protocols", package: "wiretrail"),
            ],
            swiftSettings: [
                .strictMemorySafety(), .treatAllWarnings(as: .error), .enableUpcomingFeature("MemberImportVisibility"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
