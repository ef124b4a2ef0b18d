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

/// Set by `tools/fuzz/build`: the modules that read bytes from outside are instrumented for libFuzzer. Only these, since
/// libFuzzer scans every counter after every run. `planted` also gives each parser a bug that must be found.
let fuzzing = Context.environment["UNDERTONE_FUZZ"]
let instrumentation: [SwiftSetting] =
    fuzzing.map {
        [.unsafeFlags(["-sanitize=fuzzer"])] + ($0 == "planted" ? [.define("PLANTED_BUG")] : [])
    } ?? []
let instrumented: Set = [
    "EventSocket", "ServiceRuntime", "ModelBundle", "EmotionEncoder", "EmotionStream", "AudioFiles",
    "AudioCapture", "Corpora", "Recipes", "Spelling", "PlainYAML", "StrictJSON",
]

/// Inner loops are compiled once per CPU generation inside one binary; they may use all optimisations.
let kernelFlags: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-ffp-contract=fast"])]

// Swift targets, each on a line or up to `;`: its name, then its modules and PACKAGE/PRODUCT of others, at exact versions:
// Package.resolved is not in the repository. The product `Undertone` needs none of these. `tools/sbom` lists them.

/// From the microphone to the socket.
let pipeline = """
    Spelling; PlainText; PlainYAML Yams/Yams; StrictJSON; RandomBits; SampleRing
    AudioFiles PlainText CSndfile; Resampling CSpeexDSP
    AudioCapture SampleRing AudioFiles EmotionEvents PlainText Resampling CProcess CALSA CPulse
    StepKernels CStepKernels
    SpeechFeatures StepKernels; NeuralLayers StepKernels
    ModelBundle CModelFiles PlainText StrictJSON
    EmotionEncoder NeuralLayers ModelBundle StepKernels
    EmotionEvents PlainText
    EmotionStream SampleRing SpeechFeatures NeuralLayers EmotionEncoder ModelBundle EmotionEvents
    Undertone EmotionEvents EmotionStream ModelBundle Resampling
    EventSocket SampleRing EmotionEvents PlainText Spelling StrictJSON swift-nio/NIOCore swift-nio/NIOPosix \
    swift-service-lifecycle/ServiceLifecycle swift-log/Logging
    LiveListening AudioCapture EmotionEvents EmotionStream SampleRing
    ServiceRuntime CProcess PlainText Spelling PlainYAML swift-argument-parser/ArgumentParser \
    swift-configuration/Configuration swift-system/SystemPackage swift-log/Logging \
    swift-service-lifecycle/ServiceLifecycle swift-service-lifecycle/UnixSignals Yams/Yams
    """

/// Training, never linked into the daemon.
let research = """
    MatrixProducts COpenBLAS
    Training MatrixProducts ModelBundle CStepKernels RandomBits
    MessagePassing COpenMPI
    Corpora AudioFiles PlainText RandomBits Resampling SpeechFeatures
    Recipes Training MatrixProducts MessagePassing Corpora SpeechFeatures NeuralLayers StepKernels \
    EmotionEncoder EmotionEvents EmotionStream ModelBundle Spelling PlainYAML Yams/Yams
    Papers Recipes Training Corpora SpeechFeatures EmotionEncoder ModelBundle NeuralLayers Yams/Yams
    """

let programs = """
    undertoned AudioCapture EmotionEncoder EmotionEvents EmotionStream EventSocket LiveListening ModelBundle \
    NeuralLayers PlainText SampleRing ServiceRuntime SpeechFeatures Spelling \
    swift-argument-parser/ArgumentParser swift-service-lifecycle/ServiceLifecycle swift-log/Logging
    undertone AudioCapture AudioFiles EmotionEncoder EmotionEvents EmotionStream EventSocket LiveListening \
    ModelBundle PlainText SampleRing ServiceRuntime SpeechFeatures Spelling \
    swift-argument-parser/ArgumentParser swift-log/Logging
    undertone-train AudioFiles Recipes Papers Corpora EmotionStream MatrixProducts MessagePassing \
    ModelBundle PlainText Training ServiceRuntime swift-argument-parser/ArgumentParser
    """

let examples = """
    ClassifyFile Undertone AudioFiles; LiveMicrophone Undertone; SocketClient EventSocket
    TrainOnYourVoice Undertone AudioFiles
    """

/// Hostile inputs, of one family of parsers each: the tests replay them, `tools/fuzz` searches for more.
let hostile = """
    FuzzInvariants
    HostileRequests FuzzInvariants EventSocket EmotionEvents StrictJSON
    HostileModels FuzzInvariants EmotionEncoder EmotionStream ModelBundle
    HostileSounds FuzzInvariants AudioCapture AudioFiles
    HostileTables FuzzInvariants Corpora
    HostileSettings FuzzInvariants ServiceRuntime swift-configuration/Configuration
    HostileRecipes FuzzInvariants Recipes
    """

let tests = """
    TestSupport CAllocationCounter RandomBits
    SpellingTests Spelling; PlainTextTests PlainText; StrictJSONTests StrictJSON; SampleRingTests SampleRing
    ResamplingTests Resampling; StepKernelsTests StepKernels; EmotionEventsTests EmotionEvents
    LiveListeningTests LiveListening; MatrixProductsTests MatrixProducts; MessagePassingTests MessagePassing
    HostileBytesTests FuzzInvariants HostileRequests HostileModels HostileSounds HostileTables \
    HostileSettings HostileRecipes
    PlainYAMLTests PlainYAML Yams/Yams
    AudioFilesTests AudioFiles PlainText
    AudioCaptureTests AudioCapture SampleRing AudioFiles EmotionEvents
    SpeechFeaturesTests SpeechFeatures AudioFiles StepKernels
    NeuralLayersTests NeuralLayers ModelBundle StepKernels
    ModelBundleTests ModelBundle PlainText
    EmotionEncoderTests EmotionEncoder ModelBundle NeuralLayers StepKernels
    EmotionStreamTests EmotionStream AudioFiles SampleRing EmotionEncoder EmotionEvents ModelBundle \
    NeuralLayers SpeechFeatures
    UndertoneTests Undertone AudioFiles EmotionEvents ModelBundle Resampling
    EventSocketTests EventSocket EmotionEvents SampleRing swift-log/Logging swift-nio/NIOCore
    ServiceRuntimeTests ServiceRuntime swift-log/Logging
    TrainingTests Training EmotionEncoder NeuralLayers MatrixProducts ModelBundle training-process
    CorporaTests Corpora AudioFiles PlainText SpeechFeatures
    RecipesTests Recipes Training MatrixProducts Corpora EmotionEncoder EmotionEvents EmotionStream \
    ModelBundle
    PapersTests Papers Training MatrixProducts Corpora Recipes
    CommandTests undertone EventSocket ServiceRuntime
    ProgramTests AudioCapture AudioFiles PlainText Undertone
    """

func dependency(_ word: String) -> Target.Dependency {
    if word == "COpenMPI" { return .target(name: word, condition: .when(traits: ["MPI"])) }
    let parts = word.split(separator: "/").map(String.init)
    return parts.count == 2 ? .product(name: parts[1], package: parts[0]) : .init(stringLiteral: word)
}

/// The Swift targets of a table, each in the folder of its name below `folder`.
func targets(_ table: String, in folder: String, isProgram: Bool = false) -> [Target] {
    table.split { $0 == "\n" || $0 == ";" }.map { line in
        let words = line.split(separator: " ").map(String.init)
        let (name, uses) = (words[0], words.dropFirst().map(dependency))
        // A folder of another name, since `Sources/undertone` exists and some disks ignore case.
        let path = name == "Undertone" ? "Sources/Recognizer" : "\(folder)/\(name)"
        let isInstrumented = instrumented.contains(name) || folder == "Tests/HostileBytes"
        let settings = strict + (isInstrumented ? instrumentation : [])
        if name.hasSuffix("Tests") {
            let uses = uses + ["TestSupport"]
            return .testTarget(name: name, dependencies: uses, path: path, swiftSettings: settings)
        }
        if isProgram {
            return .executableTarget(name: name, dependencies: uses, path: path, swiftSettings: settings)
        }
        let models: [Resource]? =
            name == "ModelBundle" ? ["default", "free"].map { .copy("Resources/\($0)") } : nil
        return .target(name: name, dependencies: uses, path: path, resources: models, swiftSettings: settings)
    }
}

typealias Traits = Set<Package.Dependency.Trait>

func github(_ path: String, _ version: Version, _ traits: Traits = [.defaults]) -> Package.Dependency {
    .package(url: "https://github.com/\(path)", exact: version, traits: traits)
}

func c(_ name: String, in folder: String = "Sources/C", _ flags: [CSetting] = []) -> Target {
    .target(name: name, path: "\(folder)/\(name)", cSettings: flags)
}

func debian(_ name: String, _ pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

let hostileTargets = targets(hostile, in: "Tests/HostileBytes")

let package = Package(
    name: "undertone",
    products: [
        // For Swift programs: the recogniser, and the reader of sound files that goes with it.
        .library(name: "Undertone", targets: ["Undertone"]),
        .library(name: "AudioFiles", targets: ["AudioFiles"]),
        // For the packages in tools/bench and tools/fuzz.
        .library(name: "EmotionEncoder", targets: ["EmotionEncoder", "NeuralLayers", "ModelBundle"]),
        .library(name: "SpeechFeatures", targets: ["SpeechFeatures"]),
        .library(name: "Training", targets: ["Training", "MatrixProducts"]),
        .library(name: "EventSocket", targets: ["EventSocket", "EmotionEvents", "SampleRing"]),
        .library(name: "HostileBytes", targets: hostileTargets.map(\.name)),
    ],
    traits: [.trait(name: "MPI", description: "Training in several processes, with Open MPI.")],
    dependencies: [
        github("apple/swift-argument-parser", "1.8.2"),
        github("apple/swift-configuration", "1.4.0", ["CommandLineArguments", "YAML"]),
        github("apple/swift-log", "1.16.2"),
        github("apple/swift-nio", "2.101.2"),
        github("apple/swift-system", "1.8.1"),
        github("swift-server/swift-service-lifecycle", "2.13.0"),
        github("jpsim/Yams", "6.2.2"),
    ],
    targets: [
        debian("CALSA", "alsa", package: "libasound2-dev"),
        debian("CPulse", "libpulse", package: "libpulse-dev"),
        debian("CSndfile", "sndfile", package: "libsndfile1-dev"),
        debian("CSpeexDSP", "speexdsp", package: "libspeexdsp-dev"),
        debian("COpenMPI", "ompi-c", package: "libopenmpi-dev"),
        c("COpenBLAS"), c("CModelFiles"), c("CProcess"), c("CStepKernels", kernelFlags),
        c("CAllocationCounter", in: "Tests"),
    ] + targets(pipeline, in: "Sources")
        + targets(research, in: "Sources/Research")
        + targets(programs, in: "Sources", isProgram: true)
        + targets(examples, in: "Examples", isProgram: true)
        + hostileTargets + targets(tests, in: "Tests")
        + targets("training-process Training MatrixProducts", in: "Tests", isProgram: true),
    swiftLanguageModes: [.v6]
)
