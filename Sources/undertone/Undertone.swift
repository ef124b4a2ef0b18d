// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import AudioCapture
import EventSocket
import ServiceRuntime

/// The command line for people and scripts.
@main
struct Undertone: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undertone",
        abstract: "Analyses how something is said.",
        discussion: """
            "listen", "analyze", "doctor" and "selftest" need no daemon; most others need a running undertoned. \
            Results go to stdout, messages to stderr. Each option can also be set in the environment, by the name in \
            brackets.
            Only the daemon has a configuration file: the one that --config or UNDERTONE_CONFIG names, else \
            ~/.config/undertone/undertone.yaml, else /etc/undertone/undertone.yaml.
            \(ExitStatus.help)
            """,
        version: undertoneVersion,
        subcommands: [
            Listen.self, Analyze.self, Watch.self, Wait.self, Meter.self, Status.self, Devices.self,
            Model.self, Mute.self, Unmute.self, Clients.self, Use.self, Change.self, Reset.self,
            Reload.self,
            DoctorCommand.self, SelfTestCommand.self,
        ]
    )

    static func main() async {
        await start(try EnvironmentDefaults.arguments(for: Undertone.self), failure: describeFailure)
    }
}
