// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Foundation
import PlainText
import TestSupport
import Testing

/// Files that only ffmpeg decodes. Without ffmpeg only the message is tested.
@Suite struct ForeignDecoderTests {
    static let ffmpeg = ["/usr/bin/ffmpeg", "/usr/local/bin/ffmpeg"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private func encoded(_ suffix: String, in folder: URL, name: String = "voice") throws -> String {
        let path = folder.path + "/" + name + "." + suffix
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.ffmpeg))
        process.arguments = ["-nostdin", "-v", "error", "-i", Fixtures.speech[0].path, "file:" + path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return path
    }

    @Test(
        .enabled(if: ffmpeg != nil, "ffmpeg is not installed"),
        arguments: ["m4a", "mp4", "aac", "webm", "mka"]
    )
    func everyForeignFormatIsDecoded(suffix: String) throws {
        let voice = try AudioClip(path: Fixtures.speech[0].path)
        try withSoundFolder { folder in
            let clip = try AudioClip(path: try encoded(suffix, in: folder))
            let seconds = Double(clip.samples.count) / Double(clip.sampleRate)
            #expect(abs(seconds - Double(voice.samples.count) / Double(voice.sampleRate)) < 0.1)
            #expect(clip.samples.contains { abs($0) > 0.05 } && !clip.isTruncated)
        }
    }

    @Test(.enabled(if: ffmpeg != nil, "ffmpeg is not installed"))
    func aNameIsNeverAnOption() throws {
        try withSoundFolder { folder in
            let path = try encoded("m4a", in: folder, name: "-y; rm -rf $HOME")
            let before = FileManager.default.currentDirectoryPath
            #expect(try !AudioClip(path: path).samples.isEmpty)
            #expect(FileManager.default.currentDirectoryPath == before)
            let odd = PathText.text(Array(folder.path.utf8) + [0x2F, 0xFF] + Array(".m4a".utf8))
            let moved = PathText.withPath(path) { from in PathText.withPath(odd) { rename(from, $0) } }
            #expect(moved == 0)
            #expect(try !AudioClip(path: odd).samples.isEmpty)
        }
    }

    @Test(.enabled(if: ffmpeg != nil, "ffmpeg is not installed"))
    func aTruncatedFileIsReportedAsTruncated() throws {
        try withSoundFolder { folder in
            let path = try encoded("webm", in: folder)
            let whole = try Data(contentsOf: URL(filePath: path))
            try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
            let clip = try AudioClip(path: path)
            #expect(!clip.samples.isEmpty && clip.isTruncated)
        }
    }

    /// A decoder that is released early must not leave its child process running.
    @Test(.enabled(if: ffmpeg != nil, "ffmpeg is not installed"))
    func noChildProcessIsLeft() throws {
        try withSoundFolder { folder in
            let path = try encoded("m4a", in: folder)
            for _ in 0..<3 {
                let reader = try AudioFileReader(path: path)
                var block = [Float](repeating: 0, count: 100 * reader.channelCount)
                var span = block.mutableSpan
                #expect(try reader.read(into: &span) == 100)
            }
            #expect(children(holding: path) == 0)
        }
    }

    @Test(arguments: [
        ([0, 0, 0, 0x20] + Array("ftypM4A ".utf8), "MPEG-4"), ([0x1A, 0x45, 0xDF, 0xA3], "WebM or Matroska"),
        (Array("#!AMR\n".utf8), "AMR"),
    ])
    func theErrorWithoutFFmpegNamesIt(bytes: [UInt8], name: String) throws {
        try withSoundFolder { folder in
            let file = folder.appending(path: "voice")
            try Data(bytes + [UInt8](repeating: 0, count: 64)).write(to: file)
            let error = #expect(throws: AudioFileError.self) {
                try AudioFileReader(path: file.path, usesFFmpeg: false)
            }
            #expect(error?.description.contains("is \(name), which needs ffmpeg; install it") == true)
        }
    }
}

/// Processes other than this one with the file open.
private func children(holding path: String) -> Int {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.filter { Int32($0).map { $0 != getpid() } ?? false }.filter { process in
        let folder = "/proc/\(process)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.contains {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + $0)) == path
        }
    }.count
}
