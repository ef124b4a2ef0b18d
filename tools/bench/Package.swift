// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// Benchmarks are a separate package, so that the compared libraries never become dependencies. Each benchmark
// is one executable and one script with its name that also runs its peers: `tools/bench/step.sh`.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func benchmark(_ name: String, of product: String, _ others: [Target.Dependency] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: [.product(name: product, package: "undertone")] + others,
        swiftSettings: strict
    )
}

let package = Package(
    name: "undertone-bench",
    dependencies: [
        .package(name: "undertone", path: "../.."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        .executableTarget(name: "bench-brokers", swiftSettings: strict),
        benchmark("bench-features", of: "SpeechFeatures"),
        benchmark("bench-publish", of: "EventSocket", [.product(name: "Logging", package: "swift-log")]),
        benchmark("bench-step", of: "EmotionEncoder"),
        benchmark("bench-training", of: "Training"),
    ],
    swiftLanguageModes: [.v6]
)
