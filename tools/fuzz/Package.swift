// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// The libFuzzer programs are a separate package, because they link only with libFuzzer's runtime.
// `tools/fuzz/build` builds them.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let inputs = Target.Dependency.product(name: "HostileBytes", package: "undertone")

/// The program for one family of parsers.
func fuzzer(_ family: String) -> Target {
    .executableTarget(
        name: "fuzz-\(family)",
        dependencies: ["FuzzDriver", inputs],
        swiftSettings: strict,
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
    )
}

let package = Package(
    name: "undertone-fuzz",
    dependencies: [.package(name: "undertone", path: "../..")],
    targets: [.target(name: "FuzzDriver", dependencies: [inputs], swiftSettings: strict)]
        + ["models", "sounds", "tables", "requests", "settings", "recipes"].map(fuzzer),
    swiftLanguageModes: [.v6]
)
