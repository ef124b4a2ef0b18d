// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import SpeechFeatures
import TestSupport
import Testing

struct FeatureCacheTests {
    private let marker = SpeechMarker(
        onsetDecibels: 28,
        offsetDecibels: 34,
        floorMarginDecibels: 8,
        fillSeconds: 0.25,
        minimumSeconds: 0.06
    )

    /// The recordings of the repository as a corpus in `folder`.
    private func clips(in folder: URL) throws -> [Clip] {
        var manifest = "path,label,duration_s\n"
        for file in Fixtures.speech {
            try FileManager.default.copyItem(at: file, to: folder.appending(path: file.lastPathComponent))
            manifest += "\(file.lastPathComponent),\(file.deletingPathExtension().lastPathComponent),3.5\n"
        }
        try manifest.write(to: folder.appending(path: "manifest.csv"), atomically: true, encoding: .utf8)
        return try Manifest(folder: folder).clips
    }

    private func variation(_ copy: Int) -> FeatureJob.Variation {
        FeatureJob.Variation(
            copy: copy,
            seed: 5,
            augmentation: Augmentation(
                roomProbability: 1,
                roomSeconds: [0.2, 0.4],
                directDecibels: [0, 6],
                noiseProbability: 0,
                noiseDecibels: [0, 0],
                gainDecibels: [-6, 6]
            ),
            noises: []
        )
    }

    private func streamed(_ clip: Clip) throws -> [Float] {
        var features = try OnlineFeatures(.standard)
        let samples = try ClipAudio.samples(of: clip.file, sampleRate: 16_000)
        var rows: [Float] = []
        features.step(samples.span) { frame in
            for index in frame.indices { rows.append(frame[index]) }
        }
        return rows
    }

    private func tables(in folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "features" }
    }

    @Test func aTableHoldsWhatTheStreamEmits() async throws {
        try await withTemporaryFolder { folder in
            let clips = try clips(in: folder)
            let cache = try FeatureCache(folder: folder.appending(path: "cache"))
            let job = FeatureJob(features: .standard, clips: clips, marker: marker, variation: nil)
            let table = try await cache.table(for: job, clips: clips, noise: nil)
            #expect(table.clipCount == 3 && table.featureCount == FeatureSet.standard.featureCount)
            #expect(try table.frames(ofClip: 1).features == streamed(clips[1]))
            let speech = table.frames(ofClip: 1).isSpeech
            #expect((0.2...0.9).contains(Double(speech.count { $0 }) / Double(speech.count)))
        }
    }

    @Test func aTruncatedTableIsRebuilt() async throws {
        try await withTemporaryFolder { folder in
            let clips = try clips(in: folder)
            let place = folder.appending(path: "cache")
            let cache = try FeatureCache(folder: place)
            let job = FeatureJob(features: .standard, clips: clips, marker: marker, variation: nil)
            let whole = try await cache.table(for: job, clips: clips, noise: nil).frames(ofClip: 2).features
            let file = try #require(try tables(in: place).first)
            let bytes = try Data(contentsOf: file)
            for length in [0, 7, bytes.count / 2, bytes.count - 1] {
                try bytes.prefix(length).write(to: file)
                let again = try await cache.table(for: job, clips: clips, noise: nil)
                #expect(again.frames(ofClip: 2).features == whole)
            }
        }
    }

    @Test func aTableWithOneDamagedByteIsRebuiltWithANotice() async throws {
        try await withTemporaryFolder { folder in
            let clips = try clips(in: folder)
            let place = folder.appending(path: "cache")
            let cache = try FeatureCache(folder: place)
            let job = FeatureJob(features: .standard, clips: clips, marker: marker, variation: nil)
            let whole = try await cache.table(for: job, clips: clips, noise: nil).frames(ofClip: 2).features
            let file = try #require(try tables(in: place).first)
            let bytes = try Data(contentsOf: file)
            for index in [
                0, 8, bytes.count / 2, bytes.count - 30, bytes.count - 20, bytes.count - 12, bytes.count - 1,
            ] {
                var damaged = bytes
                damaged[index] ^= 0x10
                try damaged.write(to: file)
                var said: [String] = []
                let content = cache.content(of: clips)
                #expect(try cache.existing(job, content: content) { said.append($0) } == nil)
                #expect(said == ["\(file.path) is damaged and will be rebuilt"])
                let again = try await cache.table(for: job, clips: clips, noise: nil)
                #expect(again.frames(ofClip: 2).features == whole)
                #expect(try Data(contentsOf: file) == bytes)
            }
        }
    }

    @Test func aTableOfChangedRecordingsIsRebuilt() async throws {
        try await withTemporaryFolder { folder in
            let clips = try clips(in: folder)
            let cache = try FeatureCache(folder: folder.appending(path: "cache"))
            let job = FeatureJob(features: .standard, clips: clips, marker: marker, variation: nil)
            _ = try await cache.table(for: job, clips: clips, noise: nil)
            try FileManager.default.removeItem(at: clips[0].file)
            try FileManager.default.copyItem(at: clips[1].file, to: clips[0].file)
            var said: [String] = []
            #expect(try cache.existing(job, content: cache.content(of: clips)) { said.append($0) } == nil)
            #expect(said.count == 1 && said[0].hasSuffix("from other recordings and will be rebuilt"))
            let table = try await cache.table(for: job, clips: clips, noise: nil)
            #expect(table.frames(ofClip: 0).features == table.frames(ofClip: 1).features)
            #expect(table.checksum(ofClip: 0) == table.checksum(ofClip: 1))
            #expect(table.checksum(ofClip: 0) != table.checksum(ofClip: 2))
        }
    }

    @Test func onlyFilesOfKilledProcessesAreRemoved() throws {
        try withTemporaryFolder { folder in
            let ended = Process()
            ended.executableURL = URL(filePath: "/bin/true")
            try ended.run()
            ended.waitUntilExit()
            let (dead, alive) = (ended.processIdentifier, getppid())
            let stale = [".a-0-1.features.\(dead)", ".dat.nosync\(String(dead, radix: 16)).abc"]
            let kept = [".a-0-1.features.\(alive)", ".b.features.\(dead)", "a.features", "notes"]
            for name in stale + kept { try Data("half".utf8).write(to: folder.appending(path: name)) }
            let writing = open(folder.appending(path: kept[1]).path, O_RDONLY)
            defer { close(writing) }
            #expect(flock(writing, LOCK_EX) == 0)
            _ = try FeatureCache(folder: folder)
            #expect(Set(try FileManager.default.contentsOfDirectory(atPath: folder.path)) == Set(kept))
        }
    }

    @Test func copiesDifferAndAreReproducible() async throws {
        try await withTemporaryFolder { folder in
            let clips = try clips(in: folder)
            var features: [[Float]] = []
            for (cache, copy) in [("a", 1), ("b", 1), ("a", 2)] {
                let job = FeatureJob(
                    features: .standard,
                    clips: clips,
                    marker: marker,
                    variation: variation(copy)
                )
                features.append(
                    try await FeatureCache(folder: folder.appending(path: cache))
                        .table(for: job, clips: clips, noise: nil).frames(ofClip: 0).features
                )
            }
            #expect(features[0] == features[1] && features[0] != features[2])
            #expect(try tables(in: folder.appending(path: "a")).count == 2)
        }
    }

    @Test func aClipThatIsNotAudioIsReportedAndNoTableIsWritten() async throws {
        try await withTemporaryFolder { folder in
            let clips = try clips(in: folder)
            try Data("not audio".utf8).write(to: clips[1].file)
            let place = folder.appending(path: "cache")
            let job = FeatureJob(features: .standard, clips: clips, marker: marker, variation: nil)
            do {
                _ = try await FeatureCache(folder: place).table(for: job, clips: clips, noise: nil)
                Issue.record("a table was made from a file that is not audio")
            } catch {
                let said = String(describing: error)
                #expect(said.hasPrefix("\(clips[1].manifest), line \(clips[1].line): "))
                #expect(said.contains(clips[1].path) && said.hasSuffix("with --skip-damaged"))
            }
            #expect(try tables(in: place).isEmpty)
        }
    }

    @Test func allDamagedClipsAreReportedAtOnce() async throws {
        try await withTemporaryFolder { folder in
            let clips = try clips(in: folder)
            try Data("not audio".utf8).write(to: clips[0].file)
            try Data().write(to: clips[2].file)
            let job = FeatureJob(features: .standard, clips: clips, marker: marker, variation: nil)
            do {
                _ = try await FeatureCache(folder: folder.appending(path: "cache"))
                    .table(for: job, clips: clips, noise: nil)
                Issue.record("a table was made from a file that is not audio")
            } catch {
                let said = String(describing: error)
                #expect(said.hasPrefix("2 clips cannot be used; replace the audio, take its line out"))
                #expect(said.contains(clips[0].path) && said.contains(clips[2].path))
                #expect(!said.contains(clips[1].path))
            }
        }
    }
}
