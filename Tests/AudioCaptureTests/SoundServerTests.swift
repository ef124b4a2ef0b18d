// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import Foundation
import SampleRing
import TestSupport
import Testing

/// Real speech through a real sound server. Serialized, because the process has one environment for the
/// servers.
@Suite(.serialized, .enabled(if: SoundServer.isInstalled)) struct SoundServerTests {
    @Test(arguments: [(16_000, 1), (48_000, 2)])
    func everyPathDeliversTheSameSpeech(sampleRate: Int, channelCount: Int) throws {
        let speech = try Speech(sampleRate: sampleRate, channelCount: channelCount)
        let server = try SoundServer(sampleRate: sampleRate, channelCount: channelCount)
        defer { server.stop() }
        server.adopt()
        let reference = try speech.throughFile()
        #expect(try Alignment(of: speech.throughPipe(), to: reference).isTheSame)
        let ways = ["pulse:mic", "pulse", "default", "alsa:undertone"]
        for (way, heard) in zip(ways, try record(ways, server, speech)) {
            let alignment = Alignment(of: heard, to: reference)
            #expect(alignment.isTheSame, "\(way): \(alignment)")
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

    @Test func aMissingDeviceIsReportedAsMissing() throws {
        let server = try SoundServer()
        server.adopt()
        #expect(refusal(of: "pulse:absent") == .deviceMissing)
        #expect(refusal(of: "alsa:absent") == .deviceMissing)
        #expect(refusal(of: "alsa:hw:7") == .deviceMissing)
        server.stop()
        #expect(refusal(of: "pulse") == .serverUnreachable)
    }

    @Test(arguments: [(4_000, 1), (352_800, 1), (16_000, 12)])
    func aMicrophoneBeyondTheLimitsIsConvertedByTheServer(sampleRate: Int, channelCount: Int) throws {
        let server = try SoundServer(sampleRate: sampleRate, channelCount: channelCount)
        defer { server.stop() }
        server.adopt()
        let reader = try SampleReader(try DeviceSpecifier("pulse:mic").makeSource())
        #expect(reader.format.sampleRate == 16_000 && reader.format.channelCount == 1)
    }

    /// `multi` has exactly the channels of its configuration.
    @Test func aDeviceWithTooManyChannelsIsConvertedByALSA() throws {
        let server = try SoundServer()
        defer { server.stop() }
        server.adopt()
        let folder = FileManager.default.temporaryDirectory.appending(path: "alsa-\(UUID()).conf")
        let bindings = (0..<12).map {
            "bindings.\($0).slave \($0 < 6 ? "a" : "b")\nbindings.\($0).channel \($0 % 6)"
        }
        let text = """
            </usr/share/alsa/alsa.conf>
            pcm.many {
            type multi
            slaves.a.pcm "null"
            slaves.a.channels 6
            slaves.b.pcm "null"
            slaves.b.channels 6
            \(bindings.joined(separator: "\n"))
            }
            """
        try Data(text.utf8).write(to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        setenv("ALSA_CONFIG_PATH", folder.path, 1)
        let reader = try SampleReader(try DeviceSpecifier("alsa:many").makeSource())
        #expect(reader.format.channelCount <= 8)
    }

    @Test func aChannelThatAMicrophoneLacksIsRefused() throws {
        let mono = try SoundServer()
        defer { mono.stop() }
        mono.adopt()
        #expect(refusal(of: "pulse:mic", channel: .only(2)) == .formatRefused)
        #expect(refusal(of: "pulse:mic", channel: .only(1)) == nil)
    }

    private func refusal(of device: String, channel: ChannelChoice = .mix) -> CaptureError.Kind? {
        do throws(CaptureError) {
            _ = try SampleReader(try DeviceSpecifier(device).makeSource(channel: channel), channel: channel)
            return nil
        } catch {
            #expect(!error.description.isEmpty)
            return error.kind
        }
    }

    /// Plays the speech once and records all `devices` until all samples must have arrived.
    private func record(_ devices: [String], _ server: SoundServer, _ speech: Speech) throws -> [[Float]] {
        let count = Int((speech.seconds + 1.5) * 16_000)
        let recorders = try devices.map { try Recorder($0, count: count) }
        try server.feed(speech.interleaved)
        defer { server.stopFeeding() }
        return recorders.map { $0.samples() }
    }
}

/// Records a device on its own thread.
private final class Recorder: @unchecked Sendable {
    // SAFETY: the thread writes, and `samples` reads only after the thread has signalled its end.
    private var heard: [Float]
    private let reader: SampleReader
    private let end = DispatchSemaphore(value: 0)

    init(_ device: String, count: Int) throws {
        heard = [Float](repeating: 0, count: count)
        reader = try SampleReader(try DeviceSpecifier(device).makeSource())
        Thread.detachNewThread { self.run() }
    }

    private func run() {
        var span = heard.mutableSpan
        _ = try? reader.read(into: &span)
        end.signal()
    }

    func samples() -> [Float] {
        end.wait()
        return reader.lostFrameCount == 0 ? heard : []
    }
}
