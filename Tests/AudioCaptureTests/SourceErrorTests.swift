// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import AudioFiles
import Foundation
import TestSupport
import Testing

/// Sources that cannot be opened, and their messages.
@Suite struct SourceErrorTests {
    @Test func aFileThatIsNotAudioIsAnInputErrorThatNamesIt() throws {
        try withSoundFolder { folder in
            let text = folder.appending(path: "notes.flac").path
            try Data("Dear diary".utf8).write(to: URL(filePath: text))
            for path in [folder.path, folder.path + "/absent.wav", text] {
                let error = refusal(of: FileCapture(path: path))
                #expect(error?.kind.category == .inputFile)
                #expect(error?.description.hasPrefix(path) == true)
            }
        }
    }

    @Test func aTruncatedFileIsReadAndReportedAsTruncated() throws {
        try withSoundFolder { folder in
            let samples = [Float](repeating: 0.5, count: 1_000)
            let path = try SoundFile(samples: samples, sampleRate: 16_000, declaredByteCount: 64_000)
                .write(to: folder)
            let file = FileCapture(path: path)
            #expect(try readToEnd(try SampleReader(file)) == samples)
            #expect(file.isTruncated)
        }
    }

    @Test func standardInputMustBeReadable() throws {
        let closed = dup(0)
        close(closed)
        #expect(refusal(of: standardInput(closed))?.kind == .standardInput)
        try withSoundFolder { folder in
            let descriptor = open(folder.path, O_RDONLY)
            defer { close(descriptor) }
            #expect(refusal(of: standardInput(descriptor))?.kind == .standardInput)
        }
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(terminal) }
        let error = refusal(of: standardInput(terminal))
        #expect(error?.kind == .standardInput && error?.description.contains("terminal") == true)
    }

    @Test(arguments: SoundEncoding.allCases)
    func everyEncodingArrivesThroughAPipe(encoding: SoundEncoding) throws {
        let speech = try Speech(sampleRate: 16_000, channelCount: 1)
        #expect(try speech.throughPipe(encoding) == speech.interleaved)
    }

    private func standardInput(_ descriptor: CInt) -> StandardInputCapture {
        StandardInputCapture(format: .standardInputDefault, descriptor: descriptor)
    }

    private func refusal(of source: any CaptureSource) -> CaptureError? {
        do {
            _ = try SampleReader(source)
            return nil
        } catch {
            return error
        }
    }
}
