// SPDX-License-Identifier: Apache-2.0

/// A clip whose audio cannot be used, and the line of the manifest that names it.
public struct DamagedClip: Codable, Hashable, Sendable, CustomStringConvertible {
    /// The clip's name: corpus and path.
    public let name: String
    /// The manifest file.
    public let manifest: String
    /// The line of the manifest, counted from 1.
    public let line: Int
    /// Description of the damage.
    public let problem: String

    init(_ clip: Clip, _ error: CorporaError) {
        (name, manifest, line, problem) = (clip.name, clip.manifest, clip.line, error.description)
    }

    /// Manifest, line and problem.
    public var description: String { "\(manifest), line \(line): \(problem)" }

    /// Advice for the user.
    static let remedy =
        "replace the audio, take its line out of the manifest, or leave such clips out with --skip-damaged"
}
