import Foundation
import Testing
// SPDX-License-Identifier: Apache-2.0
import undertone

/// Only root can give files to another user.
@Suite(.enabled(if: getuid() == 0)) struct SocketOwnerTests {
    private static let other: uid_t = 65_534
    private static let name = getpwuid(other).map { String(cString: $0.pointee.pw_name) } ?? "\(other)"

    private func remedy(_ name: String, mode: mode_t, group: gid_t = 65_534) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "owner-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: name).path
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(chown(path, Self.other, group) == 0 && chmod(path, mode) == 0)
        return SocketOwner(path).remedy
    }

    @Test func theUserWhoMayConnectIsReadFromTheFile() throws {
        let group = try #require(getgrgid(65_534).map { String(cString: $0.pointee.gr_name) })
        #expect(try remedy("undertone.sock", mode: 0o660).contains("usermod -aG \(group) $USER"))
        #expect(try remedy("undertone.sock", mode: 0o600).contains("only \(Self.name) may connect"))
        #expect(
            try remedy("control.sock", mode: 0o600).contains("only \(Self.name) and root may give commands")
        )
        #expect(try remedy("undertone.sock", mode: 0o660, group: 0).contains("only \(Self.name) may connect"))
    }

    @Test func aFolderThatHidesTheSocketIsExaminedInstead() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "owner-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(chown(folder, Self.other, Self.other) == 0 && chmod(folder, 0o700) == 0)
        let remedy = SocketOwner(folder + "/unseen/undertone.sock").remedy
        #expect(remedy.contains("only \(Self.name) may connect"))
    }
}
