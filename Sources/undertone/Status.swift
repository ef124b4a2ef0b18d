// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import EmotionEvents
import EventSocket
import ServiceRuntime

/// Shows the state of a daemon.
struct Status: ControlRequest {
    static let configuration = CommandConfiguration(
        abstract: "Show the state of a running daemon.",
        discussion:
            "Uses the control socket, which only the daemon's user and root may open."
    )

    static let environment: [EnvironmentOption] = [
        .flag("--json", "UNDERTONE_JSON"), .value("--socket", "UNDERTONE_SOCKET"),
    ]

    @Flag(help: "One JSON object. [UNDERTONE_JSON]")
    var json = false
    @OptionGroup var socketOption: SocketOption

    func run() async throws {
        let report = try connect().status()
        if json {
            let line = JSONWriter.line { writer in
                writer.field("type", "status")
                report.write(to: &writer)
            }
            return try StandardOutput.write(line)
        }
        try StandardOutput.show(text(report))
    }

    private func text(_ report: StatusReport) -> String {
        let holds = report.holds.map { ("held by", hold($0)) }
        let rows = [("capture", capture(report))] + holds + figures(report)
        return rows.map { Plain.padRight($0.0, 18) + $0.1 + "\n" }.joined()
    }

    private func figures(_ report: StatusReport) -> [(String, String)] {
        [
            ("model", report.model),
            ("voice baseline", report.followsVoices ? "on" : "off"),
            ("captured", samples(report.capturedSamples)),
            ("consumed", samples(report.consumedSamples)),
            ("lost", samples(report.lostSamples)),
            ("waiting", samples(report.waitingSamples)),
            ("missed", Plain.number(report.missedSeconds, 1) + " s without audio from a device"),
            ("age of audio", report.audioAgeMilliseconds.map { Plain.number($0, 1) + " ms" } ?? "-"),
            ("level", report.levelDecibels.map { Plain.number($0, 1) + " dB" } ?? "-"),
            ("real-time factor", Plain.number(report.realTimeFactor, 3)),
            (
                "clients",
                Plain.count(report.clients, "client") + ", "
                    + Plain.count(report.subscriptions, "subscription")
            ),
            ("dropped", Plain.count(report.droppedMessages, "message") + " for slow clients"),
            ("CPU", Plain.number(report.cpuPercent, 1) + " %"),
            ("memory", Plain.bytes(Double(report.residentBytes))),
            ("up for", Plain.number(report.uptimeSeconds, 0) + " s"),
        ]
    }

    private func capture(_ report: StatusReport) -> String {
        let lock = report.isMuteLocked ? "locked" : nil
        let retry = report.retryMilliseconds > 0 ? "next attempt in \(report.retryMilliseconds) ms" : nil
        // The last error of a device that was replaced, or that works again, is of no use.
        let isTrouble = [.noDevice, .lost, .stalled, .idle].contains(report.capture)
        let error = isTrouble ? report.lastError : nil
        return ["\(report.capture.word)", report.device, lock, retry, error].compactMap { $0 }
            .joined(separator: "  ")
    }

    private func hold(_ hold: MuteHold) -> String {
        let process = hold.processID > 0 ? ", process \(hold.processID)" : ""
        let socket = hold.isEventsClient ? ", on the events socket" : ""
        let end = hold.isWhileConnected ? ", while it is connected" : ""
        return "'\(hold.name)'  user \(hold.userID)\(process)\(socket)\(end)"
    }

    private func samples(_ count: Int64) -> String {
        "\(Plain.count(count, "sample")) (\(Plain.number(Plain.seconds(count), 1)) s)"
    }
}
