// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Foundation
import TestSupport
import Testing

@Suite struct BadFileTests {
    @Test func unreadableFilesHaveSpecificErrors() throws {
        try withSoundFolder { folder in
            let empty = folder.appending(path: "empty.wav").path
            try Data().write(to: URL(filePath: empty))
            let pipe = folder.appending(path: "pipe").path
            #expect(mkfifo(pipe, 0o600) == 0)
            #expect(refusal(of: folder.appending(path: "absent.wav").path) == .missing)
            #expect(refusal(of: folder.path) == .isFolder)
            #expect(refusal(of: pipe) == .notRegular)
            #expect(refusal(of: empty) == .empty)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func aForbiddenFileIsNamedForbidden() throws {
        try withSoundFolder { folder in
            let path = try SoundFile(samples: [0], sampleRate: 16_000).write(to: folder)
            #expect(chmod(path, 0) == 0)
            #expect(refusal(of: path) == .permissionDenied)
        }
    }

    @Test func textIsNotAudio() throws {
        try withSoundFolder { folder in
            let path = folder.appending(path: "notes.wav").path
            try Data("Dear diary".utf8).write(to: URL(filePath: path))
            guard case .notAudio = refusal(of: path) else {
                Issue.record("\(String(describing: refusal(of: path)))")
                return
            }
        }
    }

    @Test(arguments: [(0, 16_000), (9, 16_000), (1, 7_999), (1, 192_001), (1, 2_000_000_000)])
    func invalidHeaderNumbersAreRefused(channelCount: Int, sampleRate: Int) throws {
        try withSoundFolder { folder in
            let path = try SoundFile(
                samples: [Float](repeating: 0, count: 360),
                sampleRate: sampleRate,
                channelCount: channelCount
            ).write(to: folder)
            #expect(refusal(of: path) != nil)
        }
    }

    @Test func aHeaderWithoutSoundIsEmpty() throws {
        try withSoundFolder { folder in
            let path = try SoundFile(samples: [], sampleRate: 16_000).write(to: folder)
            #expect(refusal(of: path) == .empty)
        }
    }

    @Test func wrongHeaderLengthsAreIgnored() throws {
        let samples = [Float](repeating: 0.5, count: 1_000)
        try withSoundFolder { folder in
            let path = try SoundFile(samples: samples, sampleRate: 16_000, declaredByteCount: 2_000_000_000)
                .write(to: folder)
            let clip = try AudioClip(path: path)
            #expect(clip.samples.count == 1_000)
            #expect(clip.isTruncated)
            // A WAV file that was piped with an unknown length is not truncated.
            let piped = try SoundFile(samples: samples, sampleRate: 16_000, declaredByteCount: 0xFFFF_FFFF)
                .write(to: folder)
            let pipedClip = try AudioClip(path: piped)
            #expect(pipedClip.samples.count == 1_000)
            #expect(!pipedClip.isTruncated)
        }
    }

    @Test(arguments: ["flac", "opus"])
    func theIntactPartOfATruncatedFileIsReadAndReported(suffix: String) throws {
        let whole = try Data(contentsOf: Fixtures.url("audio/tone.\(suffix)"))
        try withSoundFolder { folder in
            let cut = folder.appending(path: "cut.\(suffix)")
            try whole.prefix(whole.count * 7 / 10).write(to: cut)
            let clip = try AudioClip(path: cut.path)
            #expect(clip.isTruncated)
            #expect(clip.samples.count < 24_000)
        }
    }

    /// Every prefix, and every file with one inverted byte, gives an error or sound, and never traps.
    @Test(arguments: ["flac", "ogg", "opus", "mp3"])
    func noDamageTraps(suffix: String) throws {
        let whole = try Data(contentsOf: Fixtures.url("audio/tone.\(suffix)"))
        try withSoundFolder { folder in
            let file = folder.appending(path: "damaged.\(suffix)")
            for place in stride(from: 0, to: whole.count, by: max(1, whole.count / 60)) {
                var turned = whole
                turned[place] ^= 0xFF
                for bytes in [whole.prefix(place), turned] {
                    try bytes.write(to: file)
                    if let clip = try? AudioClip(path: file.path) {
                        let isFinite = clip.samples.allSatisfy { $0.isFinite }
                        #expect(isFinite)
                    }
                }
            }
        }
    }

    private func refusal(of path: String) -> AudioFileError.Reason? {
        do {
            _ = try AudioClip(path: path)
            return nil
        } catch {
            #expect(error.description.hasPrefix(path))
            return error.reason
        }
    }
}
