// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import EmotionEvents
import EventSocket
import Foundation
import ModelBundle
import ServiceRuntime

/// Reports what is wrong and how to fix it.
struct DoctorCommand: AsyncParsableCommand, HasEnvironment {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check microphone, model, machine and daemon, and report problems.",
        discussion: """
            Read-only: changes, writes and starts nothing. Records two seconds in memory only, to analyse them. \
            Exit status: 0 on success; the failure's own status if there was one kind of failure; otherwise 1.
            """
    )

    static let environment: [EnvironmentOption] = [
        .value("--device", "UNDERTONE_DEVICE"), .value("--model", "UNDERTONE_MODEL"),
        .flag("--json", "UNDERTONE_JSON"), .value("--socket", "UNDERTONE_SOCKET"),
    ]

    @Option(help: "The microphone, as \"undertone devices\" names it. [UNDERTONE_DEVICE]")
    var device = "default"
    @Option(help: "Folder of the model; the bundled model by default. [UNDERTONE_MODEL]")
    var model: String?
    @Flag(help: "One JSON object for each finding, and one for the result. [UNDERTONE_JSON]")
    var json = false
    @OptionGroup var socketOption: SocketOption

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        var options = DoctorOptions(
            model: model ?? ModelFolder.defaultPath,
            sockets: SocketAddresses.events(explicit: socketOption.socket, environment: environment),
            environment: environment
        )
        options.device = device
        let printer = FindingPrinter(isJSON: json, environment)
        let findings = try Doctor(options).visit(printer.print)
        try printer.finish(findings)
    }
}

/// Tests the whole path with a synthetic voice.
struct SelfTestCommand: AsyncParsableCommand, HasEnvironment {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "Run a synthetic voice through ring, network and socket, and check the results.",
        discussion: """
            Needs no microphone and no daemon. Checks that streaming gives the same results as the whole and that no \
            sample and no message is lost; measures latency and speed. Exit status: 0 on success, otherwise 1.
            """
    )

    static let environment: [EnvironmentOption] = [
        .value("--seconds", "UNDERTONE_SECONDS"), .value("--model", "UNDERTONE_MODEL"),
        .flag("--json", "UNDERTONE_JSON"),
    ]

    @Option(help: "Seconds to run in real time, 2 to 600. [UNDERTONE_SECONDS]")
    var seconds = 6.0
    @OptionGroup var modelOption: ModelOption
    @Flag(help: "One JSON object for each finding, and one for the result. [UNDERTONE_JSON]")
    var json = false

    func validate() throws {
        guard (2...600).contains(seconds) else { throw ValidationError("--seconds must be from 2 to 600.") }
    }

    func run() async throws {
        let printer = FindingPrinter(isJSON: json, ProcessInfo.processInfo.environment)
        let report = try await SelfTest(modelOption.read(), seconds: seconds).run(printer.print)
        try printer.print(report.latency)
        try printer.finish(report.findings)
    }
}
