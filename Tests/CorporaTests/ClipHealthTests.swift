// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import TestSupport
import Testing

struct ClipHealthTests {
    @Test func overdrivenSilentRepeatedAndDamagedClipsAreListed() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "health-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: Fixtures.speech[0], to: folder.appending(path: "good.opus"))
        try FileManager.default.copyItem(at: Fixtures.speech[0], to: folder.appending(path: "again.opus"))
        try wav(amplitude: 3).write(to: folder.appending(path: "loud.wav"))
        try wav(amplitude: 0.0001).write(to: folder.appending(path: "quiet.wav"))
        try Data("no audio".utf8).write(to: folder.appending(path: "bad.wav"))
        let names = ["good.opus", "again.opus", "loud.wav", "quiet.wav", "bad.wav"]
        let lines = names.map { "\($0),a,F,angry,1" }.joined(separator: "\n")
        try ("path,speaker,sex,label,duration_s\n" + lines + "\n")
            .write(to: folder.appending(path: "manifest.csv"), atomically: true, encoding: .utf8)
        let health = await ClipHealth(of: try Manifest(folder: folder).clips, sampleRate: 16_000)
        #expect(health.clipped == ["loud.wav"] && health.silent == ["quiet.wav"])
        #expect(health.duplicates == ["again.opus"])
        #expect(health.damaged.count == 1 && health.damaged.first?.name.hasSuffix("bad.wav") == true)
        #expect(
            health.damaged.first?.line == 6 && health.damaged.first?.description.contains("line 6: ") == true
        )
        #expect(health.otherLengths.map { $0.prefix { $0 != "," } } == ["good.opus", "again.opus"])
        #expect(
            health.otherLengths[0].contains("line 2: 4.") && health.otherLengths[0].hasSuffix(" s, not 1.0 s")
        )
    }

    /// A second of a 200 Hz tone at 16 kHz, 16 bits, clipped at full scale.
    private func wav(amplitude: Double) -> Data {
        let samples = (0..<16_000).map { index in
            Int16(32_767 * max(-1, min(1, amplitude * sin(2 * .pi * 200 * Double(index) / 16_000))))
        }
        var data = Data("RIFF".utf8)
        let number = { (value: UInt32) in withUnsafeBytes(of: value.littleEndian) { Data($0) } }
        data += number(36 + 32_000) + Data("WAVEfmt ".utf8) + number(16)
        data += Data([1, 0, 1, 0]) + number(16_000) + number(32_000) + Data([2, 0, 16, 0])
        data += Data("data".utf8) + number(32_000)
        return data + samples.withUnsafeBytes { Data($0) }
    }
}
