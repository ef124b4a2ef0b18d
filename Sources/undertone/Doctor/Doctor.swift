// SPDX-License-Identifier: Apache-2.0
import ServiceRuntime

/// Checks everything between a voice and a client, and reports what is wrong and how to fix it.
///
/// Read-only: changes no setting, writes nothing, starts no server. Each probe has a time limit; one that hangs
/// becomes a finding, and the next probe runs.
public struct Doctor: Sendable {
    private let options: DoctorOptions

    /// A doctor with these options.
    public init(_ options: DoctorOptions) { self.options = options }

    /// Runs all probes, and passes each finding to `tell` as soon as it is made. Takes about ten seconds.
    public func visit(_ tell: (Finding) throws -> Void) rethrows -> Findings {
        var all = Findings()
        for probe in probes {
            let findings =
                bounded(seconds: probe.seconds, probe.look)
                ?? [
                    Finding(
                        probe.name,
                        at: probe.name,
                        .fail,
                        seen: "no answer within \(Int(probe.seconds)) s",
                        remedy: "a driver or server hangs; see the other findings",
                        status: probe.status
                    )
                ]
            for finding in findings {
                all.add(finding)
                try tell(finding)
            }
        }
        return all
    }

    private var probes: [Probe] {
        let options = options
        return [
            Probe("model", within: 20, else: .model) { ModelProbe(path: options.model).look() },
            Probe("sound_server", within: 6, else: .captureDevice) { SoundServerProbe(options).look() },
            Probe("devices", within: 6, else: .captureDevice) { DeviceProbe.look() },
            Probe("permission", within: 2, else: .permission) { PermissionProbe(options).look() },
            Probe("busy", within: 4, else: .captureDevice) { BusyProbe(root: options.processRoot).look() },
            Probe("microphone", within: options.recordingSeconds + 8, else: .captureDevice) {
                MicrophoneProbe(options).look()
            },
            Probe("daemon", within: 8, else: .daemonUnreachable) { DaemonProbe(options).look() },
            Probe("service", within: 6, else: .other) { ServiceProbe().look() },
        ]
    }
}

/// One check with its time limit.
struct Probe {
    let name: String
    let seconds: Double
    let status: ExitStatus
    let look: @Sendable () -> [Finding]

    init(
        _ name: String,
        within seconds: Double,
        else status: ExitStatus,
        _ look: @escaping @Sendable () -> [Finding]
    ) {
        (self.name, self.seconds, self.status, self.look) = (name, seconds, status, look)
    }
}
