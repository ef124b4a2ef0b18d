// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import AudioCapture
import Foundation
import ServiceRuntime

/// Lists the capture devices.
struct Devices: AsyncParsableCommand, HasEnvironment {
    static let configuration = CommandConfiguration(
        abstract: "List the capture devices.",
        discussion: "The names stay the same when other devices come and go. A star marks the default."
    )

    static let environment: [EnvironmentOption] = [.flag("--json", "UNDERTONE_JSON")]

    @Flag(help: "One JSON object a line. [UNDERTONE_JSON]")
    var json = false

    func run() async throws {
        let devices = AudioDevice.list()
        if json { return try devices.map(object).forEach { try StandardOutput.write(json: $0) } }
        guard !devices.isEmpty else {
            throw ProgramFailure(
                .captureDevice,
                "there is no capture device: no sound server answers and ALSA knows no sound card"
            )
        }
        let widest = devices.map(\.id.count).max() ?? 0
        for device in devices { try StandardOutput.show(line(device, width: widest)) }
    }

    private func object(_ device: AudioDevice) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(Row(device: device)), as: UTF8.self) + "\n"
    }

    /// A device with the type of its line.
    private struct Row: Encodable {
        let device: AudioDevice

        private enum Key: CodingKey { case type }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: Key.self)
            try values.encode("device", forKey: .type)
            try device.encode(to: encoder)
        }
    }

    private func line(_ device: AudioDevice, width: Int) -> String {
        let facts = [
            range(device.sampleRates).map { $0 + " Hz" },
            range(device.channelCounts).map { $0 + ($0 == "1" ? " channel" : " channels") },
            device.isMonitor ? "monitor of an output" : nil,
        ].compactMap { $0 }
        let mark = device.isDefault ? "* " : "  "
        return mark + Plain.padRight(device.id, width) + "  " + device.description
            + (facts.isEmpty ? "" : "  (" + facts.joined(separator: ", ") + ")") + "\n"
    }

    private func range(_ range: ClosedRange<Int>?) -> String? {
        range.map {
            $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)"
        }
    }
}
