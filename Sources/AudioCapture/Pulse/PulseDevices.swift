// SPDX-License-Identifier: Apache-2.0
internal import CPulse

extension AudioDevice {
    /// The sources of the PulseAudio or PipeWire server, or none if no server answers within a second.
    static func pulseDevices() -> [AudioDevice] {
        guard let connection = try? PulseConnection(timeoutMilliseconds: 1_000, isInterrupted: { false })
        else {
            return []
        }
        let answers = PulseAnswers()
        let reference = Unmanaged.passUnretained(answers).toOpaque()
        let operations = [
            pa_context_get_server_info(
                connection.context,
                { _, info, reference in
                    guard let name = info?.pointee.default_source_name else { return }
                    PulseAnswers.at(reference)?.defaultName = String(cString: name)
                },
                reference
            ),
            pa_context_get_source_info_list(
                connection.context,
                { _, info, _, reference in
                    guard let source = info?.pointee else { return }
                    PulseAnswers.at(reference)?.sources.append(PulseAnswers.Source(source))
                },
                reference
            ),
        ].compactMap { $0 }
        _ = connection.turn(forMilliseconds: 1_000, { false }) {
            operations.allSatisfy { pa_operation_get_state($0) != PA_OPERATION_RUNNING }
        }
        // Cancelled, so that no late answer reaches `answers` after it is freed.
        for operation in operations {
            pa_operation_cancel(operation)
            pa_operation_unref(operation)
        }
        return withExtendedLifetime(answers) { answers.devices }
    }
}

/// Storage for the answers that libpulse's callbacks receive.
private final class PulseAnswers {
    struct Source {
        let name, description: String
        let sampleRate, channelCount: Int
        let isMonitor: Bool

        init(_ info: pa_source_info) {
            name = info.name.map { String(cString: $0) } ?? ""
            description = info.description.map { String(cString: $0) } ?? name
            sampleRate = Int(info.sample_spec.rate)
            channelCount = Int(info.sample_spec.channels)
            isMonitor = info.monitor_of_sink != UInt32.max
        }
    }

    var defaultName: String?
    var sources: [Source] = []

    var devices: [AudioDevice] {
        sources.map { source in
            AudioDevice(
                backend: .pulse,
                id: "pulse:\(source.name)",
                description: source.description,
                sampleRates: source.sampleRate...source.sampleRate,
                channelCounts: source.channelCount...source.channelCount,
                isDefault: source.name == defaultName,
                isMonitor: source.isMonitor
            )
        }
    }

    static func at(_ reference: UnsafeMutableRawPointer?) -> PulseAnswers? {
        reference.map { Unmanaged<PulseAnswers>.fromOpaque($0).takeUnretainedValue() }
    }
}
