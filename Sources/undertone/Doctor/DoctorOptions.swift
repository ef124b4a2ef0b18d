// SPDX-License-Identifier: Apache-2.0

/// Options of the doctor.
public struct DoctorOptions: Sendable {
    /// The microphone, as `undertone devices` names it.
    public var device = "default"
    /// The model's folder.
    public var model: String
    /// Possible paths of the events socket, in the order in which clients try them.
    public var sockets: [String]
    /// The environment of the caller's login.
    public var environment: [String: String]
    /// Seconds to record.
    public var recordingSeconds = 2.0
    /// Folder in which the kernel lists processes and sound cards; another one in tests.
    public var processRoot = "/proc"
    /// Folder of the device files; another one in tests.
    public var deviceRoot = "/dev"

    /// The usual options.
    public init(model: String, sockets: [String], environment: [String: String]) {
        (self.model, self.sockets, self.environment) = (model, sockets, environment)
    }
}
