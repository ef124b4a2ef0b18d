// SPDX-License-Identifier: Apache-2.0
public import Foundation
import SpeechFeatures

/// A folder of feature tables, so that audio is decoded and converted to features only once.
///
/// A table is written to a temporary file, and renamed when it is complete. Each has a checksum that is verified once in a
/// process: a table that is damaged, or whose recordings have changed, is rebuilt. Files left by killed processes are
/// removed when the cache is opened. Safe for several processes: the last complete table replaces the others, and all are
/// equal.
public struct FeatureCache: Sendable {
    /// Folder of the tables.
    public let folder: URL
    /// Checksums of recordings and of other files, stored in the folder.
    package let memory: ContentMemory

    /// Uses `folder`, and creates it if needed.
    public init(folder: URL) throws(CorporaError) {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw .cache(path: folder.path, reason: reason(error))
        }
        self.folder = folder
        memory = ContentMemory(file: folder.appending(path: "contents.txt"))
        Leftovers.remove(in: folder)
    }

    /// Checksums of the files from which a table of `clips` is made.
    ///
    /// - Parameters:
    ///   - clips: the clips of the table.
    ///   - noises: the noise recordings of its copies.
    ///   - rooms: the files of the measured rooms of its copies.
    ///   - detector: the files of the detector's table; empty if there is no detector, or no table.
    public func content(
        of clips: [Clip],
        noises: [Clip] = [],
        rooms: [URL] = [],
        detector: [URL] = []
    ) -> FeatureContent {
        let speech = detector.isEmpty ? nil : detector.map { memory.content(of: $0.path) }
        defer { memory.save() }
        return FeatureContent(
            files: (clips + noises).map(\.file) + rooms,
            speech: speech.map { ContentHash.digits(of: $0.joined(separator: "\n")) },
            memory
        )
    }

    /// The table of `job`, if it was made from `content` and is valid.
    ///
    /// - Parameter notice: called with a sentence if there is a table that cannot be used.
    public func existing(
        _ job: FeatureJob,
        content: FeatureContent,
        notice: (String) -> Void = { _ in }
    ) throws(CorporaError) -> FeatureTable? {
        let file = try place(of: job)
        do throws(FeatureTable.Fault) {
            return try FeatureTable(file: file, job: job, content: content)
        } catch {
            switch error {
            case .absent: break
            case .damaged: notice("\(file.path) is damaged and will be rebuilt")
            case .outdated: notice("\(file.path) was made from other recordings and will be rebuilt")
            }
            return nil
        }
    }

    /// The table of `job`; reads it if it exists, makes it otherwise.
    ///
    /// - Parameters:
    ///   - job: content of the table.
    ///   - clips: the job's clips.
    ///   - content: checksums of its source files; nil for the clips alone.
    ///   - rooms: the measured rooms of the job, if it has any.
    ///   - noise: the decoded noises of the job, if it varies its clips.
    ///   - speech: speech probabilities of the job's detector; nil if the job has none.
    ///   - progress: called after each group of clips with how many of the job's clips are done.
    public func table(
        for job: FeatureJob,
        clips: [Clip],
        content: FeatureContent? = nil,
        rooms: RoomBank? = nil,
        noise: NoiseBank?,
        speech: TeacherTable? = nil,
        progress: (Int) -> Void = { _ in }
    ) async throws(CorporaError) -> FeatureTable {
        precondition(clips.map(\.name) == job.clips, "the clips must be those of the job")
        let content = content ?? self.content(of: clips)
        if let table = try existing(job, content: content) {
            progress(clips.count)
            return table
        }
        let file = try place(of: job)
        let sources = ClipFrames.Sources(rooms: rooms, noise: noise, speech: speech)
        try await make(job, of: clips, content: content, sources: sources, at: file, progress)
        guard let table = try existing(job, content: content) else {
            throw .cache(
                path: file.path,
                reason: "the table that was just written does not read back; is the disk full?"
            )
        }
        return table
    }

    private func place(of job: FeatureJob) throws(CorporaError) -> URL {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let key = try? encoder.encode(job) else {
            throw .cache(path: folder.path, reason: "the job has a number that is not finite")
        }
        let hash = stableHash(of: String(decoding: key, as: UTF8.self))
        let corpus = job.clips.first?.prefix { $0 != "/" } ?? "empty"
        return folder.appending(path: "\(corpus)-\(job.copy)-\(String(hash, radix: 16)).features")
    }

    private func make(
        _ job: FeatureJob,
        of clips: [Clip],
        content: FeatureContent,
        sources: ClipFrames.Sources,
        at file: URL,
        _ progress: (Int) -> Void
    ) async throws(CorporaError) {
        var writer = try TableWriter(file: file)
        // All clips are tried, so that the user can fix a corpus in one go and not file by file.
        var damaged: [DamagedClip] = []
        do throws(CorporaError) {
            var start = 0
            while start < clips.count {
                let group = Array(clips[start..<min(start + 64, clips.count)])
                for (clip, result) in zip(group, await Self.frames(of: group, job, sources)) {
                    switch result {
                    case .success(let frames): try writer.append(frames)
                    case .failure(let error): damaged.append(DamagedClip(clip, error))
                    }
                }
                start += group.count
                progress(start)
            }
            guard damaged.isEmpty else { throw .damaged(damaged) }
            try writer.finish(job: job, content: content, featureCount: job.features.featureCount)
        } catch {
            writer.abandon()
            throw error
        }
    }

    /// Makes the frames of `clips`, in their order, on all processors.
    private static func frames(
        of clips: [Clip],
        _ job: FeatureJob,
        _ sources: ClipFrames.Sources
    ) async -> [Result<FeatureTable.Frames, CorporaError>] {
        let results = await withTaskGroup(of: (Int, Result<FeatureTable.Frames, CorporaError>).self) {
            group in
            for (index, clip) in clips.enumerated() {
                group.addTask {
                    do throws(CorporaError) {
                        return (index, .success(try ClipFrames.make(clip, job, sources)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [(Int, Result<FeatureTable.Frames, CorporaError>)]()) {
                $0.append($1)
            }
        }
        return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
