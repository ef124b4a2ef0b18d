// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// Every Swift target is built in Swift 6 mode, and a warning stops the build.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// Set by `tools/fuzz/build`: libFuzzer's programs are built too. `planted` gives them a bug that they must find.
let fuzzing = Context.environment["UNDERTONE_FUZZ"]

/// What libFuzzer watches: the modules that read what comes from outside, and no others, since every run looks at each
/// counter of them.
let watching: [SwiftSetting] = fuzzing == nil ? [] : [.unsafeFlags(["-sanitize=fuzzer"])]
let watched: Set = [
    "EventSocket", "ServiceRuntime", "ModelBundle", "EmotionEncoder", "EmotionStream", "AudioFiles",
    "AudioCapture", "Corpora", "Recipes", "Spelling", "PlainYAML", "StrictJSON",
]

/// Inner loops are compiled once per CPU generation inside one binary, so they may use all optimisations.
let kernelFlags: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-ffp-contract=fast"])]

func module(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target
{
    .target(
        name: name,
        dependencies: dependencies,
        resources: resources,
        swiftSettings: strict + (watched.contains(name) ? watching : [])
    )
}

/// A family of hostile inputs: what `tools/fuzz` feeds to these modules, and the tests replay.
func hostile(_ family: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: "Hostile" + family,
        dependencies: ["Promises"] + dependencies,
        path: "tools/fuzz/Inputs/" + family,
        swiftSettings: strict + watching
    )
}

/// libFuzzer's program for one family.
func fuzzer(_ family: String) -> Target {
    .executableTarget(
        name: "fuzz-" + family.lowercased(),
        dependencies: ["FuzzDriver", .init(stringLiteral: "Hostile" + family)],
        path: "tools/fuzz/Drivers/" + family,
        swiftSettings: strict,
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
    )
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func example(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: "Examples/" + name,
        swiftSettings: strict
    )
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.init(stringLiteral: name), "TestSupport"] + dependencies,
        swiftSettings: strict
    )
}

func debian(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let filePaths = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let families: [Target] = [
    hostile("Requests", ["EventSocket", "EmotionEvents"]),
    hostile("Models", ["EmotionEncoder", "EmotionStream", "ModelBundle"]),
    hostile("Sounds", ["AudioCapture", "AudioFiles"]),
    hostile("Tables", ["Corpora"]),
    hostile("Settings", ["ServiceRuntime", configuration]),
    hostile("Recipes", ["Recipes"]),
]

/// Only where they are asked for: they need libFuzzer's runtime.
let fuzzers: [Target] =
    [
        .target(
            name: "FuzzDriver",
            dependencies: ["Promises"],
            path: "tools/fuzz/Inputs/Driver",
            swiftSettings: strict
        )
    ] + ["Requests", "Models", "Sounds", "Tables", "Settings", "Recipes"].map(fuzzer)

let package = Package(
    name: "undertone",
    products: [
        .executable(name: "undertoned", targets: ["undertoned"]),
        .executable(name: "undertone", targets: ["undertone"]),
        .executable(name: "undertone-train", targets: ["undertone-train"]),
        // The library for Swift programs, and the reader of sound files that goes with it.
        .library(name: "Undertone", targets: ["Undertone"]),
        .library(name: "AudioFiles", targets: ["AudioFiles"]),
        // What the benchmarks in tools/bench measure.
        .library(
            name: "EmotionEncoder",
            targets: ["EmotionEncoder", "NeuralLayers", "StepKernels", "ModelBundle"]
        ),
        .library(name: "SpeechFeatures", targets: ["SpeechFeatures"]),
        .library(name: "Training", targets: ["Training", "MatrixProducts"]),
        .library(name: "EventSocket", targets: ["EventSocket", "EmotionEvents", "SampleRing"]),
    ],
    traits: [
        .trait(name: "MPI", description: "Training in several processes, with Open MPI.")
    ],
    // Exact: only the programs, the trainer and their tests need them, and Package.resolved is not in the repository.
    // `tools/sbom` lists what they bring along. What a library product needed would be `from:`.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration",
            exact: "1.4.0",
            traits: ["CommandLineArguments", "YAML"]
        ),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // C libraries, each imported by exactly one module.
        debian("CALSA", pkgConfig: "alsa", package: "libasound2-dev"),
        debian("CPulse", pkgConfig: "libpulse", package: "libpulse-dev"),
        debian("CSndfile", pkgConfig: "sndfile", package: "libsndfile1-dev"),
        debian("CSpeexDSP", pkgConfig: "speexdsp", package: "libspeexdsp-dev"),
        debian("COpenMPI", pkgConfig: "ompi-c", package: "libopenmpi-dev"),
        .target(name: "COpenBLAS"),
        .target(name: "CModelFiles"),
        .target(name: "CProcess"),
        .target(name: "CStepKernels", cSettings: kernelFlags),

        // Words and files that people write by hand.
        module("Spelling"),
        module("PlainText"),
        module("PlainYAML", [yams]),
        module("StrictJSON"),

        // Seeded chance, for training and tests.
        module("RandomBits"),

        // The way of one sample.
        module("SampleRing"),
        module("AudioFiles", ["PlainText", "CSndfile"]),
        module("Resampling", ["CSpeexDSP"]),
        module(
            "AudioCapture",
            [
                "SampleRing", "AudioFiles", "EmotionEvents", "PlainText", "Resampling", "CProcess", "CALSA",
                "CPulse",
            ]
        ),
        module("StepKernels", ["CStepKernels"]),
        module("SpeechFeatures", ["StepKernels"]),
        module("NeuralLayers", ["StepKernels"]),
        module(
            "ModelBundle",
            ["CModelFiles", "PlainText", "StrictJSON"],
            resources: [.copy("Resources/default"), .copy("Resources/free")]
        ),
        module("EmotionEncoder", ["NeuralLayers", "ModelBundle", "StepKernels"]),
        module("EmotionEvents", ["PlainText"]),
        module(
            "EmotionStream",
            [
                "SampleRing", "SpeechFeatures", "NeuralLayers", "EmotionEncoder", "ModelBundle",
                "EmotionEvents",
            ]
        ),
        module(
            "EventSocket",
            [
                "SampleRing", "EmotionEvents", "PlainText", "Spelling", "StrictJSON", nio, nioPosix,
                lifecycle,
                logging,
            ]
        ),

        // For Swift programs. A folder of another name, since some disks take `undertone` for the same one.
        .target(
            name: "Undertone",
            dependencies: ["EmotionEvents", "EmotionStream", "ModelBundle", "Resampling"],
            path: "Sources/Recognizer",
            swiftSettings: strict
        ),
        example("ClassifyFile", ["Undertone", "AudioFiles"]),
        example("LiveMicrophone", ["Undertone"]),
        example("SocketClient", ["EventSocket"]),
        example("TrainOnYourVoice", ["Undertone", "AudioFiles"]),

        module("LiveListening", ["AudioCapture", "EmotionEvents", "EmotionStream", "SampleRing"]),

        // What the command line makes of the daemon's messages.
        module("Watching", ["EventSocket", "PlainText", "ServiceRuntime"]),

        // What the command line knows of machine, microphone and daemon.
        module(
            "Diagnosis",
            [
                "AudioCapture", "EmotionEncoder", "EmotionEvents", "EmotionStream", "EventSocket",
                "LiveListening",
                "ModelBundle", "SampleRing", "ServiceRuntime", "SpeechFeatures", logging,
            ]
        ),

        // Training, never linked into the daemon.
        module("MatrixProducts", ["COpenBLAS"]),
        module("Training", ["MatrixProducts", "ModelBundle", "CStepKernels", "RandomBits"]),
        module("MessagePassing", [.target(name: "COpenMPI", condition: .when(traits: ["MPI"]))]),
        module("Corpora", ["AudioFiles", "PlainText", "RandomBits", "Resampling", "SpeechFeatures"]),
        module(
            "Recipes",
            [
                "Training", "MatrixProducts", "MessagePassing", "Corpora", "SpeechFeatures", "NeuralLayers",
                "StepKernels",
                "EmotionEncoder", "EmotionEvents", "EmotionStream", "ModelBundle", "Spelling", "PlainYAML",
                yams,
            ]
        ),

        module(
            "Papers",
            [
                "Recipes", "Training", "Corpora", "SpeechFeatures", "EmotionEncoder",
                "ModelBundle", "NeuralLayers", yams,
            ]
        ),

        // The three programs.
        module(
            "ServiceRuntime",
            [
                "CProcess", "PlainText", "Spelling", "PlainYAML", argumentParser, configuration, filePaths,
                logging,
                lifecycle,
                unixSignals, yams,
            ]
        ),
        program(
            "undertoned",
            [
                "AudioCapture", "EmotionEncoder", "EmotionEvents", "EmotionStream", "EventSocket",
                "LiveListening",
                "ModelBundle", "NeuralLayers", "PlainText", "SampleRing", "ServiceRuntime", "SpeechFeatures",
                "Spelling",
                argumentParser,
                lifecycle, logging,
            ]
        ),
        program(
            "undertone",
            [
                "AudioCapture", "AudioFiles", "EmotionEncoder", "EmotionEvents", "EmotionStream",
                "EventSocket",
                "LiveListening",
                "ModelBundle", "PlainText", "SampleRing", "ServiceRuntime", "SpeechFeatures", "Spelling",
                "Diagnosis",
                "Watching",
                argumentParser,
            ]
        ),
        program(
            "undertone-train",
            [
                "AudioFiles", "Recipes", "Papers", "Corpora", "EmotionStream", "MatrixProducts",
                "MessagePassing", "ModelBundle", "PlainText", "Training", "ServiceRuntime", argumentParser,
            ]
        ),

        // Proof.
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
        .target(
            name: "Promises",
            path: "tools/fuzz/Inputs/Promises",
            swiftSettings: strict + (fuzzing == "planted" ? [.define("PLANTED_BUG")] : [])
        ),
        .testTarget(
            name: "HostileBytesTests",
            dependencies: ["Promises"] + families.map { .init(stringLiteral: $0.name) },
            swiftSettings: strict
        ),
        .target(
            name: "TestSupport",
            dependencies: ["CAllocationCounter", "RandomBits"],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        tests(of: "Spelling"),
        tests(of: "PlainText"),
        tests(of: "PlainYAML", [yams]),
        tests(of: "StrictJSON"),
        tests(of: "SampleRing"),
        tests(of: "AudioFiles", ["PlainText"]),
        tests(of: "Resampling"),
        tests(of: "AudioCapture", ["SampleRing", "AudioFiles", "EmotionEvents"]),
        tests(of: "StepKernels"),
        tests(of: "SpeechFeatures", ["AudioFiles", "StepKernels"]),
        tests(of: "NeuralLayers", ["ModelBundle", "StepKernels"]),
        tests(of: "ModelBundle", ["PlainText"]),
        tests(of: "EmotionEncoder", ["ModelBundle", "NeuralLayers", "StepKernels"]),
        tests(of: "EmotionEvents"),
        tests(
            of: "EmotionStream",
            [
                "AudioFiles", "SampleRing", "EmotionEncoder", "EmotionEvents", "ModelBundle", "NeuralLayers",
                "SpeechFeatures",
            ]
        ),
        tests(of: "Undertone", ["AudioFiles", "EmotionEvents", "ModelBundle", "Resampling"]),
        tests(of: "EventSocket", ["EmotionEvents", "SampleRing", logging, nio]),
        tests(of: "LiveListening"),
        tests(of: "MatrixProducts"),
        .executableTarget(
            name: "training-process",
            dependencies: ["Training", "MatrixProducts"],
            path: "Tests/TrainingProcess",
            swiftSettings: strict
        ),
        tests(
            of: "Training",
            ["EmotionEncoder", "NeuralLayers", "MatrixProducts", "ModelBundle", "training-process"]
        ),
        tests(of: "MessagePassing"),
        tests(of: "Corpora", ["AudioFiles", "PlainText", "SpeechFeatures"]),
        tests(
            of: "Recipes",
            [
                "Training", "MatrixProducts", "Corpora", "EmotionEncoder", "EmotionEvents", "EmotionStream",
                "ModelBundle",
            ]
        ),
        tests(of: "Papers", ["Training", "MatrixProducts", "Corpora", "Recipes"]),
        tests(of: "ServiceRuntime", [logging]),
        tests(of: "Watching", ["EventSocket"]),
        tests(of: "Diagnosis", ["ServiceRuntime"]),
        .testTarget(
            name: "ProgramTests",
            dependencies: ["AudioCapture", "AudioFiles", "PlainText", "TestSupport", "Undertone"],
            swiftSettings: strict
        ),
    ] + families + (fuzzing == nil ? [] : fuzzers),
    swiftLanguageModes: [.v6]
)
