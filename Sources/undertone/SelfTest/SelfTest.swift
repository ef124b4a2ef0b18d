// SPDX-License-Identifier: Apache-2.0
public import EmotionStream

/// Runs a synthetic voice through the whole path of a real one, and compares the results of its parts.
///
/// Needs no microphone, no daemon and no recording; writes only a socket in a temporary folder.
public struct SelfTest: Sendable {
    private let model: StreamModel
    private let seconds: Double

    /// A test of `model`.
    ///
    /// - Parameter seconds: how long the live part lasts, 2 to 600.
    public init(_ model: StreamModel, seconds: Double) { (self.model, self.seconds) = (model, seconds) }

    /// Results of the test.
    public struct Report: Sendable {
        /// One finding for each part.
        public internal(set) var findings = Findings()
        /// Latency from the last sample of a hop to its line at a client, in milliseconds; nil if no line arrived.
        public internal(set) var latency: LatencyHistogram?
    }

    /// Runs all parts, and passes each finding to `tell` as soon as it is made.
    public func run(_ tell: (Finding) throws -> Void) async throws -> Report {
        var report = Report()
        func add(_ finding: Finding) throws {
            report.findings.add(finding)
            try tell(finding)
        }
        let voice = SyntheticVoice.samples(seconds: seconds)
        try add(StreamingCheck(model).cuts(of: voice))
        try add(StreamingCheck(model).network(voice))
        try add(SpeedCheck(model).finding(voice))
        let wire = try await WireRun(model, voice).run()
        for finding in WireCheck(wire, model, voice).findings { try add(finding) }
        report.latency = LatencyHistogram(milliseconds: wire.latencies)
        try add(LatencyCheck.finding(report.latency))
        return report
    }
}
