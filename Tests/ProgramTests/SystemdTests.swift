// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// The units as `tools/install` installs them, checked by systemd's own tools. `tools/test-systemd` tests
/// them running; it needs a machine that can boot systemd.
@Suite(.enabled(if: SystemTool.analyze.isInstalled)) struct SystemdTests {
    @Test func theSystemUnitExposesAtMostOnePoint() async throws {
        let folder = try await InstalledTree().units("lib/systemd/system")
        let outcome = try await SystemTool.analyze.run([
            "security", "--offline=true", "--threshold=10", "--no-pager", folder("undertone.service"),
        ])
        #expect(outcome.status == 0, "\(outcome.output.suffix(200)) \(outcome.messages)")
    }

    @Test func aUnitWithoutASandboxFailsTheCheck() async throws {
        let folder = TemporaryFolder()
        let unit = try folder.write("[Service]\nExecStart=/bin/true\n", to: "undertone.service")
        let outcome = try await SystemTool.analyze.run(["security", "--offline=true", "--threshold=10", unit])
        #expect(outcome.status == 1 && outcome.output.contains("UNSAFE"), "\(outcome.testDescription)")
    }

    @Test(arguments: [["system"], ["user", "--user"]])
    func systemdAcceptsEveryUnitWithoutAWarning(scope: [String]) async throws {
        let options = Array(scope.dropFirst())
        let folder = try await InstalledTree(options: options)
            .units(scope[0] == "system" ? "lib/systemd/system" : "share/systemd/user")
        let outcome = try await SystemTool.analyze.run(
            ["verify", "--man=no"] + options + InstalledTree.unitNames.map { folder($0) },
            environment: ["XDG_RUNTIME_DIR": folder.path]
        )
        // The tool also loads other units of the machine; their faults do not count.
        let complaints = outcome.messages.split(separator: "\n").filter { $0.contains("undertone") }
        #expect(outcome.status == 0 && complaints.isEmpty, "\(outcome.testDescription)")
    }

    @Test func aMisspelledLineIsReported() async throws {
        let folder = TemporaryFolder()
        let unit = try folder.write("[Service]\nExecStart=/bin/true\nRestrat=no\n", to: "undertone.service")
        let outcome = try await SystemTool.analyze.run(["verify", "--man=no", unit])
        #expect(outcome.messages.contains("Restrat"), "\(outcome.testDescription)")
    }

    @Test func anInstalledProgramFindsItsModel() async throws {
        let tree = try await InstalledTree()
        let program = tree.prefix + "/bin/undertone"
        let installed = try await SystemTool(program).run(["model", "info", "--json"])
        let built = try await Program.undertone.run(["model", "info", "--json"])
        #expect(installed.status == 0 && installed.output == built.output, "\(installed.testDescription)")
    }

    @Test func anInstalledProgramWithoutItsModelSaysWhereItLooked() async throws {
        let tree = try await InstalledTree()
        try FileManager.default.removeItem(atPath: tree.prefix + "/share/undertone")
        let outcome = try await SystemTool(tree.prefix + "/bin/undertone").run(["model", "info"])
        #expect(outcome.status == 5, "\(outcome.testDescription)")
        #expect(outcome.sentence.contains(tree.prefix + "/share/undertone/models/default"))
    }

    @Test(arguments: [[], ["--user"]])
    func uninstallingLeavesOnlyTheSettings(options: [String]) async throws {
        let tree = try await InstalledTree(options: options)
        try await tree.run(options + ["--uninstall"])
        let rest = try FileManager.default.subpathsOfDirectory(atPath: tree.folder.path).filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: tree.folder($0), isDirectory: &isFolder)
                && !isFolder.boolValue
        }
        #expect(rest == (options.isEmpty ? ["etc/undertone/undertone.yaml"] : []))
    }

    @Test func aChangedSettingSurvivesAnUpdate() async throws {
        let tree = try await InstalledTree()
        let settings = try tree.folder.write("device: tone\n", to: "etc/undertone/undertone.yaml")
        try await tree.run([])
        #expect(try String(contentsOfFile: settings, encoding: .utf8) == "device: tone\n")
    }

    @Test func sysusersAcceptsTheUserOfTheDaemon() async throws {
        let tree = try await InstalledTree()
        let users = try await SystemTool("/usr/bin/systemd-sysusers").run([
            "--dry-run", tree.prefix + "/lib/sysusers.d/undertone.conf",
        ])
        #expect(users.status == 0, "\(users.testDescription)")
    }
}

/// Files that `tools/install` installs, in a folder, with the programs under test.
private struct InstalledTree {
    let folder = TemporaryFolder()
    let prefix: String
    private let environment: [String: String]

    init(options: [String] = []) async throws {
        let prefix = "/opt/undertone"
        self.prefix = folder(String(prefix.dropFirst()))
        environment = ["DESTDIR": folder.path, "PREFIX": prefix, "BINARIES": Self.programs]
        try await run(options)
    }

    func run(_ options: [String]) async throws {
        let outcome = try await SystemTool("/bin/sh").run([Self.script] + options, environment: environment)
        try #require(outcome.status == 0, "\(outcome.testDescription)")
    }

    static let unitNames = ["undertone.service", "undertone.socket", "undertone-control.socket"]

    /// Folder with the units, as systemd's tools need them, with valid paths of the programs.
    func units(_ place: String) throws -> TemporaryFolder {
        let units = TemporaryFolder()
        for name in Self.unitNames {
            let text = try String(contentsOfFile: "\(prefix)/\(place)/\(name)", encoding: .utf8)
            _ = try units.write(text.replacing("=/opt/undertone/bin/", with: "=\(Self.programs)/"), to: name)
        }
        return units
    }

    private static let programs = Program.undertone.url.deletingLastPathComponent().path
    private static let script =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "tools/install").path
}

/// Program of the system that a test runs as a check.
struct SystemTool {
    static let analyze = SystemTool("/usr/bin/systemd-analyze")
    let path: String

    init(_ path: String) { self.path = path }

    var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome {
        let whole = Program.cleanEnvironment.merging(environment) { $1 }
        return try await RunningProgram(path, arguments, environment: whole).outcome()
    }
}
