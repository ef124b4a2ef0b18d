// SPDX-License-Identifier: Apache-2.0
import Foundation
import ServiceRuntime
import TestSupport
import Testing
import undertone

/// Probes with files that imitate the kernel's.
@Suite struct ProbeTests {
    /// A folder with these files; removed with the object.
    private final class Tree {
        let path = FileManager.default.temporaryDirectory.appending(path: "tree-\(UUID().uuidString)").path

        init(_ files: [String: String]) throws {
            for (name, text) in files {
                let file = URL(filePath: path).appending(path: name)
                let folder = file.deletingLastPathComponent()
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try text.write(to: file, atomically: false, encoding: .utf8)
            }
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func proc(_ program: String) throws -> Tree {
        try Tree([
            "asound/card0/pcm0p/sub0/status": "state: RUNNING\nowner_pid   : 99\n",
            "asound/card0/pcm0c/sub0/status": "state: RUNNING\nowner_pid   : 4712\ntrigger_time: 1.0\n",
            "asound/card1/pcm0c/sub0/status": "closed\n",
            "4712/status": "Name:\tcapture\nTgid:\t4711\nPid:\t4712\n", "4711/comm": program + "\n",
        ])
    }

    @Test func theProgramThatHoldsTheMicrophoneIsNamed() throws {
        let tree = try proc("arecord")
        let finding = try #require(BusyProbe(root: tree.path).look().first)
        #expect(finding.verdict == .warn)
        #expect(finding.seen == "card0/pcm0c/sub0 is held by arecord (pid 4711)")
        #expect(finding.remedy?.contains("arecord") == true)
    }

    @Test(arguments: ["pulseaudio", "pipewire", "undertoned"])
    func aServerMayHoldTheMicrophone(program: String) throws {
        let tree = try proc(program)
        #expect(BusyProbe(root: tree.path).look().map(\.verdict) == [.ok])
        #expect(BusyProbe(root: tree.path).isHeldByDaemon == (program == "undertoned"))
    }

    @Test func noHolderAndNoCardAreTwoFindings() throws {
        let closed = try Tree(["asound/card1/pcm0c/sub0/status": "closed\n"])
        #expect(BusyProbe(root: closed.path).look().map(\.verdict) == [.ok])
        #expect(BusyProbe(root: "/nonexistent").look().map(\.verdict) == [.skipped])
    }

    @Test func aCardThatThisUserMayNotOpenIsSeen() throws {
        let tree = try Tree(["snd/pcmC0D0c": "", "snd/pcmC0D0p": "", "snd/controlC0": ""])
        var options = DoctorOptions(model: "", sockets: [], environment: [:])
        options.deviceRoot = tree.path
        #expect(PermissionProbe(options).look().map(\.verdict) == [.ok])
        options.deviceRoot = "/nonexistent"
        #expect(PermissionProbe(options).look().map(\.verdict) == [.skipped])
        // Root may open everything.
        guard geteuid() != 0 else { return }
        chmod(tree.path + "/snd/pcmC0D0c", 0)
        options.deviceRoot = tree.path
        #expect(PermissionProbe(options).look().map(\.verdict) == [.warn])
    }

    private static func sine(_ amplitude: Float, offset: Float = 0) -> [Float] {
        (0..<1_000).map { max(-1, min(1, offset + amplitude * sin(Float($0) / 5))) }
    }

    private static let sounds: [([Float], Finding.Verdict, String)] = [
        ([Float](repeating: 0, count: 100), .fail, "every sample is zero"),
        (sine(4), .fail, "overdriven"),
        ([1, -1] + sine(0.1), .warn, "overdriven"),
        (sine(0.1, offset: 0.2), .warn, "constant"),
        (sine(0.0005), .warn, "almost silent"),
        (sine(0.1), .ok, "nothing clipped"),
    ]

    @Test(arguments: sounds)
    func aSoundIsJudgedByItsFigures(samples: [Float], verdict: Finding.Verdict, words: String) {
        let finding = SoundVerdict.finding(SoundCharacter(samples), device: "mic")
        #expect(finding.verdict == verdict && finding.seen.contains(words), "\(finding)")
        #expect((finding.remedy == nil) == (verdict == .ok))
    }

    @Test(arguments: [
        ("LoadState=loaded\nActiveState=active\nNRestarts=0\nWatchdogUSec=10s\n", Finding.Verdict.ok),
        ("LoadState=loaded\nActiveState=active\nNRestarts=0\nWatchdogUSec=0\n", .warn),
        ("LoadState=loaded\nActiveState=active\nNRestarts=9\nWatchdogUSec=10s\n", .warn),
        ("LoadState=loaded\nActiveState=failed\nNRestarts=5\nWatchdogUSec=10s\n", .fail),
        ("LoadState=loaded\nActiveState=inactive\nNRestarts=0\nWatchdogUSec=10s\n", .skipped),
        ("LoadState=loaded\nnonsense\n=\n", .skipped),
    ])
    func aUnitIsJudgedByItsProperties(text: String, verdict: Finding.Verdict) throws {
        let unit = try #require(SystemdUnit(text))
        #expect(unit.isLoaded && unit.finding("user unit").verdict == verdict)
        #expect(SystemdUnit("") == nil)
    }

    @Test func aCallThatHangsIsAbandoned() {
        let answer = bounded(seconds: 0.1) {
            Thread.sleep(forTimeInterval: 5)
            return 1
        }
        #expect(answer == nil)
        #expect(bounded(seconds: 60) { 2 } == 2)
    }

    @Test func oneKindOfFailureGivesItsOwnStatus() {
        func status(_ verdicts: (Finding.Verdict, Finding.Status)...) -> Finding.Status {
            var findings = Findings()
            for (verdict, status) in verdicts {
                findings.add(Finding("a", at: "b", verdict, seen: "c", status: status))
            }
            return findings.status
        }
        #expect(status() == .success)
        #expect(status((.ok, .other), (.warn, .model), (.skipped, .permission)) == .success)
        #expect(status((.fail, .model), (.ok, .other)) == .model)
        #expect(status((.fail, .captureDevice), (.fail, .captureDevice)) == .captureDevice)
        #expect(status((.fail, .captureDevice), (.fail, .model)) == .other)
    }

    @Test func theSyntheticVoiceIsAlwaysTheSameAndNeverLoud() {
        let voice = SyntheticVoice.samples(seconds: 3)
        #expect(voice.count == 48_000 && voice == SyntheticVoice.samples(seconds: 3))
        #expect(voice.allSatisfy { abs($0) <= 0.25 } && voice.contains { abs($0) > 0.1 })
    }
}
