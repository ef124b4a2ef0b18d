// SPDX-License-Identifier: Apache-2.0
package import Foundation

/// Measured rooms that replace some of the computed ones.
public struct MeasuredRooms: Codable, Hashable, Sendable {
    /// Folder of responses below the data folder, with a table `responses.csv` (columns `path`, `t60_s`, `measured`
    /// and any others) and the mono recordings that it lists.
    public let folder: String
    /// Share of clips in a room that get a measured one, 0...1.
    public let share: Double
    /// Longest reverberation time (to -60 dB) in seconds; rooms with a longer one are left out.
    public let longestSeconds: Double

    /// Sets each property to the parameter of its name.
    public init(folder: String, share: Double, longestSeconds: Double) {
        (self.folder, self.share, self.longestSeconds) = (folder, share, longestSeconds)
    }

    /// The files of the rooms: the table and every recording that it lists; only the table if it cannot be read.
    package func files(in data: DataFolder) -> [URL] {
        let place = data.url.appending(path: folder, directoryHint: .isDirectory)
        let file = place.appending(path: "responses.csv")
        let table = try? CSVTable(file: file)
        let paths = table.map { table in table.rows.compactMap { table.value("path", in: $0) } } ?? []
        return [file] + paths.map { place.appending(path: $0) }
    }

    /// Description of the first invalid number; nil if there is none.
    var problem: String? {
        if !(0...1).contains(share) { return "share must be between 0 and 1" }
        return longestSeconds > 0 ? nil : "longestSeconds must be above 0"
    }
}

/// Measured room responses; a random one is used for each clip.
public struct RoomBank: Sendable {
    /// Each begins with its peak, the direct sound, scaled to 1, so that the timing of speech does not change.
    private let responses: [[Float]]

    /// Stores responses at one rate; silent ones are left out.
    public init(_ responses: [[Float]]) {
        self.responses = responses.compactMap { response in
            guard let peak = response.indices.max(by: { abs(response[$0]) < abs(response[$1]) }),
                abs(response[peak]) > 0
            else { return nil }
            return Self.audible(response[peak...].map { $0 / response[peak] })
        }
    }

    /// Cuts off the end of a response, with less than a ten-thousandth of its energy, so that long rooms take less time.
    private static func audible(_ response: [Float]) -> [Float] {
        var rest = response.reduce(0) { $0 + $1 * $1 } * 1e-4
        var end = response.count
        while end > 1 {
            rest -= response[end - 1] * response[end - 1]
            if rest < 0 { break }
            end -= 1
        }
        return Array(response[..<end])
    }

    /// Reads the measured responses of `rooms` in `data`.
    ///
    /// - Throws: an error that names the table or the recording, or reports that no room is short enough.
    public init(_ rooms: MeasuredRooms, data: DataFolder, sampleRate: Int) throws(CorporaError) {
        let folder = data.url.appending(path: rooms.folder, directoryHint: .isDirectory)
        let table = try CSVTable(file: folder.appending(path: "responses.csv"))
        for column in ["path", "t60_s", "measured"] where !table.columns.contains(column) {
            throw .malformed(file: table.file, line: 1, problem: "the column '\(column)' is missing")
        }
        var recordings: [[Float]] = []
        for row in table.rows where table.value("measured", in: row) == "measured" {
            guard let seconds = table.value("t60_s", in: row).flatMap(Double.init) else {
                throw table.problem("t60_s is not a number of seconds", in: row)
            }
            guard let path = table.value("path", in: row), seconds <= rooms.longestSeconds else { continue }
            recordings.append(
                try ClipAudio.samples(of: folder.appending(path: path), sampleRate: sampleRate)
            )
        }
        self.init(recordings)
        guard count > 0 else {
            throw .malformed(
                file: table.file,
                line: 1,
                problem: "no measured room has a t60_s of \(rooms.longestSeconds) or less"
            )
        }
    }

    /// Number of rooms.
    public var count: Int { responses.count }

    /// Returns `samples` in a random room, cut to the same length.
    public func sound(of samples: [Float], using random: inout some RandomNumberGenerator) -> [Float] {
        guard let response = responses.randomElement(using: &random) else { return samples }
        var heard = samples
        samples.withUnsafeBufferPointer { dry in
            heard.withUnsafeMutableBufferPointer { wet in
                for delay in 1..<max(1, min(response.count, dry.count)) {
                    let gain = response[delay]
                    for index in delay..<dry.count { wet[index] += gain * dry[index - delay] }
                }
            }
        }
        return heard
    }
}
