// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Writes a feature table row by row into a temporary file and renames it into place.
struct TableWriter {
    private let file: URL
    private let temporary: URL
    private let handle: FileHandle
    private var frameCounts: [Int] = []
    private var hash = ContentHash()

    /// Creates and locks a temporary file; the lock shows ``Leftovers`` that it is being written.
    init(file: URL) throws(CorporaError) {
        self.file = file
        temporary = file.deletingLastPathComponent()
            .appending(path: ".\(file.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)")
        guard FileManager.default.createFile(atPath: temporary.path, contents: FeatureTable.magic),
            let handle = try? FileHandle(forUpdating: temporary)
        else { throw .cache(path: file.path, reason: String(cString: strerror(errno))) }
        self.handle = handle
        flock(handle.fileDescriptor, LOCK_EX | LOCK_NB)
        FeatureTable.magic.withUnsafeBytes { hash.add($0) }
        try write { try handle.seekToEnd() }
    }

    mutating func append(_ frames: FeatureTable.Frames) throws(CorporaError) {
        let featureCount = frames.frameCount == 0 ? 0 : frames.features.count / frames.frameCount
        var rows: [Float] = []
        rows.reserveCapacity(frames.features.count + frames.frameCount * FeatureTable.marks)
        for (index, isSpeech) in frames.isSpeech.enumerated() {
            rows += frames.features[index * featureCount..<(index + 1) * featureCount]
            rows.append(isSpeech ? 1 : 0)
            rows.append(frames.energy[index])
        }
        let bytes = rows.withUnsafeBytes { Data($0) }
        rows.withUnsafeBytes { hash.add($0) }
        try write { try handle.write(contentsOf: bytes) }
        frameCounts.append(frames.frameCount)
    }

    func finish(job: FeatureJob, content: FeatureContent, featureCount: Int) throws(CorporaError) {
        try write {
            let footer = FeatureTable.Footer(
                job: job,
                content: content,
                featureCount: featureCount,
                frameCounts: frameCounts
            )
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let json = try encoder.encode(footer)
            var hash = hash
            json.withUnsafeBytes { hash.add($0) }
            let end = [hash.value, UInt64(json.count)].map(\.littleEndian).withUnsafeBytes { Data($0) }
            try handle.write(contentsOf: json + end + FeatureTable.magic)
            try handle.synchronize()
            try handle.close()
        }
        guard rename(temporary.path, file.path) == 0 else {
            throw .cache(path: file.path, reason: String(cString: strerror(errno)))
        }
    }

    func abandon() {
        try? handle.close()
        try? FileManager.default.removeItem(at: temporary)
    }

    private func write(_ body: () throws -> Void) throws(CorporaError) {
        do {
            try body()
        } catch {
            throw .cache(path: file.path, reason: reason(error))
        }
    }
}
