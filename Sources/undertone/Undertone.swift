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
        abstract: "Hears how something is said.",
        discussion: """
            "listen", "analyze", "doctor" and "selftest" work by themselves; most others talk to a running undertoned. \
            Results go to stdout, messages to stderr. Each option can also be set in the environment, by the name in \
            brackets.
            Exit status: 0 ok, 2 usage, 3 no daemon, 4 no or failed capture device, 5 model, 6 refused by the daemon, \
            7 protocol mismatch, 8 permission, 9 input file unreadable or not audio, \
            124 "wait" saw no match in time, 130 interrupted, 1 anything else.
            """,
        version: undertoneVersion,
        subcommands: [
            Listen.self, Analyze.self, Watch.self, Wait.self, Meter.self, Status.self, Devices.self,
            Model.self, Mute.self, Unmute.self, Subscribers.self, Use.self, Change.self, Reset.self,
            Reload.self,
            DoctorCommand.self, SelfTestCommand.self,
        ]
    )

    static func main() async {
        await start(EnvironmentDefaults.arguments(for: Undertone.self), failure: describeFailure)
    }
}
