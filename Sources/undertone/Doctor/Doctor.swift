// SPDX-License-Identifier: Apache-2.0
import ServiceRuntime

/// Looks at everything between a voice and a subscriber, and says what is wrong and how to mend it.
///
/// Looks only: no setting is changed, nothing is written, no server is started. Each probe has its time; one that
/// hangs is a finding, and the visit goes on.
public struct Doctor: Sendable {
    private let options: DoctorOptions

    /// A doctor for one visit.
    public init(_ options: DoctorOptions) { self.options = options }

    /// Makes the visit, and tells each finding as soon as it is made. Takes some ten seconds.
    public func visit(_ tell: (Finding) throws -> Void) rethrows -> Findings {
        var all = Findings()
        for probe in probes {
            let findings =
                bounded(seconds: probe.seconds, probe.look)
                ?? [
                    Finding(
                        probe.name,
                        probe.name,
                        .fail,
                        "no answer within \(Int(probe.seconds)) s",
                        remedy: "something below it hangs; see the other findings",
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
            Probe("model", 20, .model) { ModelProbe(path: options.model).look() },
            Probe("sound_server", 6, .captureDevice) { SoundServerProbe(options).look() },
            Probe("devices", 6, .captureDevice) { DeviceProbe.look() },
            Probe("permission", 2, .permission) { PermissionProbe(options).look() },
            Probe("busy", 4, .captureDevice) { BusyProbe(root: options.processRoot).look() },
            Probe("microphone", options.recordingSeconds + 8, .captureDevice) {
                MicrophoneProbe(options).look()
            },
            Probe("daemon", 8, .daemonUnreachable) { DaemonProbe(options).look() },
            Probe("service", 6, .other) { ServiceProbe().look() },
        ]
    }
}

/// One look at one thing, with the time that it may take.
struct Probe {
    let name: String
    let seconds: Double
    let status: ExitStatus
    let look: @Sendable () -> [Finding]

    init(_ name: String, _ seconds: Double, _ status: ExitStatus, _ look: @escaping @Sendable () -> [Finding])
    {
        (self.name, self.seconds, self.status, self.look) = (name, seconds, status, look)
    }
}
