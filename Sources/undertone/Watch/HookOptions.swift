// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import ServiceRuntime

/// The options of `undertone watch --exec`.
struct HookOptions: ParsableArguments {
    static let environment: [EnvironmentOption] = [
        .flag("--shell", "UNDERTONE_SHELL"), .value("--parallel", "UNDERTONE_PARALLEL"),
        .value("--rate", "UNDERTONE_HOOK_RATE"), .value("--time-limit", "UNDERTONE_TIME_LIMIT"),
    ]

    @Flag(help: "Run the words of --exec with /bin/sh. [UNDERTONE_SHELL]")
    var shell = false
    @Option(help: "Hooks that may run at the same time, 1 to 64. [UNDERTONE_PARALLEL]")
    var parallel = 1
    @Option(help: "Hooks started a second at most, 0.001 to 1000. [UNDERTONE_HOOK_RATE]")
    var rate: Double?
    @Option(
        help: ArgumentHelp("A hook that runs longer is ended. [UNDERTONE_TIME_LIMIT]", valueName: "time")
    )
    var timeLimit = "10s"
    @Option(
        parsing: .remaining,
        help: ArgumentHelp(
            "Run this program for each estimate, with the event as JSON on its standard input; must come last.",
            valueName: "command"
        )
    )
    var exec: [String] = []

    var isOn: Bool { !exec.isEmpty }

    /// The program and its arguments.
    var command: [String] { shell ? ["/bin/sh", "-c", exec.joined(separator: " ")] : exec }

    var limit: Duration {
        get throws {
            do { return try TimeSpan.parse(timeLimit) } catch {
                throw ValidationError("--time-limit: \(error).")
            }
        }
    }

    func validate() throws {
        guard (1...64).contains(parallel) else { throw ValidationError("--parallel must be from 1 to 64.") }
        if let rate, !(0.001...1_000).contains(rate) {
            throw ValidationError("--rate must be from 0.001 to 1000.")
        }
        guard try limit > .zero else { throw ValidationError("--time-limit must be above 0.") }
        if exec.first?.isEmpty ?? EnvironmentDefaults.isTyped("--exec") {
            throw ValidationError("--exec needs the name of a program.")
        }
        let typed = ["--shell", "--parallel", "--rate", "--time-limit"].first(
            where: EnvironmentDefaults.isTyped
        )
        if let typed, !isOn { throw ValidationError("\(typed) needs --exec.") }
    }
}
