// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// Benchmarks are a package of their own, so that what we compare ourselves with never becomes a dependency.
// Each is one executable and one script of its name that runs it beside its peers: `tools/bench/step.sh`.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func benchmark(_ name: String, of product: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: [.product(name: product, package: "undertone")],
        swiftSettings: strict
    )
}

let package = Package(
    name: "undertone-bench",
    dependencies: [.package(name: "undertone", path: "../..")],
    targets: [
        benchmark("bench-features", of: "SpeechFeatures"),
        benchmark("bench-step", of: "EmotionEncoder"),
    ],
    swiftLanguageModes: [.v6]
)
