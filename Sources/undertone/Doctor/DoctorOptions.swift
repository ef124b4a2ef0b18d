// SPDX-License-Identifier: Apache-2.0

/// What the doctor looks at.
public struct DoctorOptions: Sendable {
    /// The microphone, as `undertone devices` names it.
    public var device = "default"
    /// The model's folder.
    public var model: String
    /// Where the events socket may be, in the order in which clients try.
    public var sockets: [String]
    /// The environment of the login from which is asked.
    public var environment: [String: String]
    /// How long to record.
    public var recordingSeconds = 2.0
    /// Where the kernel shows processes and sound cards; another place in tests.
    public var processRoot = "/proc"
    /// Where the devices are; another place in tests.
    public var deviceRoot = "/dev"

    /// The usual visit.
    public init(model: String, sockets: [String], environment: [String: String]) {
        (self.model, self.sockets, self.environment) = (model, sockets, environment)
    }
}
