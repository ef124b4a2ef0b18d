// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import Foundation
import SampleRing
import TestSupport
import Testing

/// Real speech through a real sound server. Serialized: the servers are named in the one environment.
@Suite(.serialized, .enabled(if: SoundServer.isInstalled)) struct SoundServerTests {
    @Test(arguments: [(16_000, 1), (48_000, 2)])
    func theSameSpeechArrivesByEveryWay(sampleRate: Int, channelCount: Int) throws {
        let speech = try Speech(sampleRate: sampleRate, channelCount: channelCount)
        let server = try SoundServer(sampleRate: sampleRate, channelCount: channelCount)
        defer { server.stop() }
        server.adopt()
        let reference = try speech.throughFile()
        #expect(try Alignment(of: speech.throughPipe(), to: reference).isTheSame)
        for source in ["pulse:mic", "pulse", "default", "alsa:undertone"] {
            let heard = try record(source, server, speech)
            let alignment = Alignment(of: heard, to: reference)
            #expect(alignment.isTheSame, "\(source): \(alignment)")
        }
    }

    @Test func theListHasTheMicrophoneUnderItsStableName() throws {
        let server = try SoundServer(sampleRate: 44_100, channelCount: 2)
        defer { server.stop() }
        server.adopt()
        let devices = AudioDevice.list()
        let microphone = try #require(devices.first { $0.id == "pulse:mic" })
        #expect(microphone.backend == .pulse && microphone.isDefault && !microphone.isMonitor)
        #expect(microphone.sampleRates == 44_100...44_100 && microphone.channelCounts == 2...2)
        #expect(devices.allSatisfy { (try? DeviceSpecifier($0.id)) != nil })
        #expect(devices.filter(\.isDefault).count == 1)
    }

    @Test func whatIsMissingIsSaidToBeMissing() throws {
        let server = try SoundServer()
        server.adopt()
        #expect(refusal(of: "pulse:absent") == .deviceMissing)
        #expect(refusal(of: "alsa:absent") == .deviceMissing)
        #expect(refusal(of: "alsa:hw:7") == .deviceMissing)
        server.stop()
        #expect(refusal(of: "pulse") == .serverUnreachable)
    }

    private func refusal(of device: String) -> CaptureError.Kind? {
        do throws(CaptureError) {
            _ = try SampleReader(try DeviceSpecifier(device).makeSource())
            return nil
        } catch {
            #expect(!error.description.isEmpty)
            return error.kind
        }
    }

    /// Feeds the speech while `device` is being recorded, until all of it must have come.
    private func record(_ device: String, _ server: SoundServer, _ speech: Speech) throws -> [Float] {
        let reader = try SampleReader(try DeviceSpecifier(device).makeSource())
        try server.feed(speech.interleaved)
        defer { server.stopFeeding() }
        var heard = [Float](repeating: 0, count: Int((speech.seconds + 1.5) * 16_000))
        var span = heard.mutableSpan
        let count = try reader.read(into: &span)
        #expect(count == heard.count)
        #expect(reader.lostFrameCount == 0)
        return heard
    }
}
