// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import Foundation
import Testing

/// Files in a test folder represent device nodes in `/dev/snd`; the kernel reports both in the same way.
@Suite struct DeviceFolderWatchTests {
    private let root = FileManager.default.temporaryDirectory.appending(
        path: "dw-" + UUID().uuidString.prefix(8)
    )

    private func make(_ name: String) throws {
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        try Data().write(to: root.appending(path: name))
    }

    @Test func anAppearingDeviceEndsTheWait() throws {
        try make("controlC0")
        defer { try? FileManager.default.removeItem(at: root) }
        let watch = DeviceFolderWatch(folders: [root.path])
        watch.arm()
        let answer1 = watch.wait(milliseconds: 50)
        #expect(!answer1)
        try make("pcmC1D0c")
        let answer2 = watch.wait(milliseconds: 60_000)
        #expect(answer2)
        // Reported once only.
        let answer3 = watch.wait(milliseconds: 50)
        #expect(!answer3)
    }

    @Test func aNodeThatMayNowBeOpenedCountsAsNew() throws {
        try make("pcmC1D0c")
        defer { try? FileManager.default.removeItem(at: root) }
        let watch = DeviceFolderWatch(folders: [root.path])
        watch.arm()
        chmod(root.appending(path: "pcmC1D0c").path, 0o660)
        let answer4 = watch.wait(milliseconds: 60_000)
        #expect(answer4)
    }

    @Test func aFolderThatIsMissingIsNoticedWhenItIsMade() throws {
        let folder = root.appending(path: "snd").path
        try make("other")
        defer { try? FileManager.default.removeItem(at: root) }
        let watch = DeviceFolderWatch(folders: [folder])
        watch.arm()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let answer5 = watch.wait(milliseconds: 60_000)
        #expect(answer5)
        watch.arm()
        try Data().write(to: URL(filePath: folder + "/pcmC1D0c"))
        let answer6 = watch.wait(milliseconds: 60_000)
        #expect(answer6)
    }

    @Test func withoutAWatchableFolderItOnlyWaits() {
        let watch = DeviceFolderWatch(folders: ["/nowhere/at/all"])
        watch.arm()
        let answer7 = watch.wait(milliseconds: 30)
        #expect(!answer7)
    }

    @Test func theFoldersAreThoseOfAlsaAndOfTheUsersServer() {
        func folders(_ environment: [String: String]) -> [String] {
            DeviceFolderWatch.standardFolders { environment[$0] }
        }
        #expect(folders([:]) == ["/dev/snd"])
        #expect(folders(["XDG_RUNTIME_DIR": "/run/user/1"]) == ["/dev/snd", "/run/user/1/pulse"])
        #expect(
            folders(["PULSE_SERVER": "unix:/tmp/p/native", "XDG_RUNTIME_DIR": "/run/user/1"])
                == ["/dev/snd", "/tmp/p"]
        )
    }
}
