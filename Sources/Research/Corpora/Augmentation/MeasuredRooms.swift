// SPDX-License-Identifier: Apache-2.0
package import Foundation

/// Measured rooms that take the place of some of the computed ones.
public struct MeasuredRooms: Codable, Hashable, Sendable {
    /// Folder of responses below the data folder, with a table `responses.csv` (columns `path`, `t60_s`, `measured`
    /// and any others) and the mono recordings that it lists.
    public let folder: String
    /// The share of clips in a room that get a measured one, 0...1.
    public let share: Double
    /// Rooms with a longer reverberation time (to -60 dB) are left out, in seconds.
    public let longestSeconds: Double

    /// Each parameter as its property says.
    public init(folder: String, share: Double, longestSeconds: Double) {
        (self.folder, self.share, self.longestSeconds) = (folder, share, longestSeconds)
    }

    /// The files of the rooms: the table and every recording that it lists; the table alone where it cannot be read.
    package func files(in data: DataFolder) -> [URL] {
        let place = data.url.appending(path: folder, directoryHint: .isDirectory)
        let file = place.appending(path: "responses.csv")
        let table = try? CSVTable(file: file)
        let paths = table.map { table in table.rows.compactMap { table.value("path", in: $0) } } ?? []
        return [file] + paths.map { place.appending(path: $0) }
    }

    /// What is wrong with the numbers, or `nil`.
    var problem: String? {
        if !(0...1).contains(share) { return "share must lie between 0 and 1" }
        return longestSeconds > 0 ? nil : "longestSeconds must be above 0"
    }
}

/// Measured responses of rooms, from which one is drawn for a clip.
public struct RoomBank: Sendable {
    /// Each begins with its peak, the direct sound, which is 1: speech keeps its time.
    private let responses: [[Float]]

    /// Takes responses at one rate; those that are silent are left out.
    public init(_ responses: [[Float]]) {
        self.responses = responses.compactMap { response in
            guard let peak = response.indices.max(by: { abs(response[$0]) < abs(response[$1]) }),
                abs(response[peak]) > 0
            else { return nil }
            return Self.audible(response[peak...].map { $0 / response[peak] })
        }
    }

    /// A response without its end, in which less than a ten-thousandth of its energy is left: a long room costs less.
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

    /// Reads the measured responses below `data` that `rooms` names.
    ///
    /// - Throws: an error that names the table or the recording, or says that no room is short enough.
    public init(_ rooms: MeasuredRooms, data: DataFolder, sampleRate: Int) throws(CorporaError) {
        let folder = data.url.appending(path: rooms.folder, directoryHint: .isDirectory)
        let table = try CSVTable(file: folder.appending(path: "responses.csv"))
        for column in ["path", "t60_s", "measured"] where !table.columns.contains(column) {
            throw .malformed(file: table.file, line: 1, problem: "the column '\(column)' is missing")
        }
        var recordings: [[Float]] = []
        for row in table.rows where table.value("measured", in: row) == "measured" {
            guard let seconds = table.value("t60_s", in: row).flatMap(Double.init) else {
                throw table.problem("t60_s is no number of seconds", in: row)
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

    /// The number of rooms.
    public var count: Int { responses.count }

    /// `samples` as heard in a drawn room, cut to the same length.
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
