// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Foundation
import PlainText
import TestSupport
import Testing

@Suite struct RecordingSearchTests {
    private func make(_ names: [String], in folder: URL) throws {
        for name in names {
            let path = folder.path + "/" + name
            let parent = URL(filePath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            #expect(FileManager.default.createFile(atPath: path, contents: Data("x".utf8)))
        }
    }

    private func all(_ search: inout RecordingSearch) -> [String] {
        var paths: [String] = []
        while let found = search.next() {
            if case .recording(let path) = found { paths.append(path) }
        }
        return paths
    }

    @Test func everyReadableKindIsFoundInTheOrderOfNames() throws {
        try withSoundFolder { folder in
            let names = ["a.bwf", "b.mp2", "c.8svx", "d.PVF", "e.oga", "f/g.aifc", "h.nist"]
            try make(names.shuffled() + ["notes.txt", "no-end", "x.wav.txt"], in: folder)
            var search = RecordingSearch(folder.path, usesFFmpeg: false)
            #expect(all(&search) == names.map { folder.path + "/" + $0 })
            #expect(search.passedOver == PassedOver() && search.passedOver.sentences.isEmpty)
        }
    }

    @Test func skippedFilesAreCountedByKind() throws {
        try withSoundFolder { folder in
            try make(["a.wav", "b.m4a", "c.M4A", "d/e.webm", "f.aac", "g.raw"], in: folder)
            var search = RecordingSearch(folder.path, usesFFmpeg: false)
            #expect(all(&search) == [folder.path + "/a.wav"])
            #expect(search.passedOver.foreign == ["m4a": 2, "webm": 1, "aac": 1])
            let sentences = search.passedOver.sentences
            #expect(sentences.count == 2 && sentences[0].contains("4 recordings (.aac 1, .m4a 2, .webm 1)"))
            #expect(sentences[0].contains("ffmpeg") && sentences[1].contains("1 recording (.raw 1)"))
        }
    }

    @Test func leftoversAreSkippedAndCounted() throws {
        try withSoundFolder { folder in
            let leftovers = [
                "._a.wav", "__MACOSX/._b.wav", ".git/c.wav", "lost+found/d.wav", ".Trash-1000/e.wav",
                "@eaDir/f.wav",
            ]
            try make(["a.wav"] + leftovers, in: folder)
            #expect(chmod(folder.path + "/lost+found", 0) == 0)
            defer { chmod(folder.path + "/lost+found", 0o700) }
            var search = RecordingSearch(folder.path)
            #expect(all(&search) == [folder.path + "/a.wav"])
            #expect(search.passedOver.leftovers == 6)
            #expect(search.passedOver.sentences == ["skipped 6 leftovers of file managers and the like"])
        }
    }

    @Test func aNameThatIsNotUTF8IsFoundAndOpened() throws {
        try withSoundFolder { folder in
            let sound = SoundFile(samples: [Float](repeating: 0.5, count: 100), sampleRate: 16_000)
            let name = PathText.text(Array(folder.path.utf8) + [0x2F, 0x63, 0xE9] + Array(".wav".utf8))
            let descriptor = PathText.withPath(name) { open($0, O_WRONLY | O_CREAT, 0o600) }
            #expect(write(descriptor, sound.bytes, sound.bytes.count) == sound.bytes.count)
            close(descriptor)
            var search = RecordingSearch(folder.path)
            #expect(all(&search) == [name])
            let clip = try AudioClip(path: name)
            #expect(clip.samples.count == 100)
        }
    }

    @Test func aFolderThatCannotBeReadIsNamed() {
        var search = RecordingSearch("/nonexistent")
        #expect(search.next() == .unreadable(folder: "/nonexistent", code: ENOENT))
    }
}
