// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// List of all dependencies of the programs: `tools/sbom`.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")))
struct InventoryTests {
    private static let resolved = Fixtures.root.appending(path: "Package.resolved").path

    private func inventory(_ options: [String] = []) async throws -> Outcome {
        let words = [
            Fixtures.root.appending(path: "tools/sbom").path, "--programs",
            Program.undertone.url.deletingLastPathComponent().path,
        ]
        return try await RunningProgram(
            "/usr/bin/python3",
            words + options,
            environment: Program.cleanEnvironment
        ).outcome()
    }

    private func packages(_ outcome: Outcome) throws -> [[String: Any]] {
        #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.testDescription)")
        let document = try object(outcome.output)
        #expect(document["spdxVersion"] as? String == "SPDX-2.3")
        return try #require(document["packages"] as? [[String: Any]])
    }

    @Test func eachPinnedPackageIsListedWithItsCommitAndLicence() async throws {
        let packages = try packages(await inventory())
        let text = try String(contentsOfFile: Self.resolved, encoding: .utf8)
        let pins = try #require(try object(text)["pins"] as? [[String: Any]])
        #expect(pins.count >= 7)
        for pin in pins {
            let state = try #require(pin["state"] as? [String: Any])
            let name = try #require(pin["identity"] as? String)
            let listed = try #require(packages.first { $0["name"] as? String == name }, "\(name) is missing")
            #expect(listed["versionInfo"] as? String == state["version"] as? String)
            let revision = try #require(state["revision"] as? String)
            #expect((listed["downloadLocation"] as? String)?.hasSuffix("@" + revision) == true)
            #expect(
                ["Apache-2.0", "Apache-2.0 WITH Swift-exception", "MIT"].contains {
                    $0 == listed["licenseDeclared"] as? String
                },
                "\(name)"
            )
        }
    }

    @Test func eachLoadedLibraryIsListedWithTheChecksumOfItsFile() async throws {
        let packages = try packages(await inventory())
        let names = packages.compactMap { $0["name"] as? String }
        for name in ["libasound2", "libpulse0", "libsndfile1", "libspeexdsp1", "libc6"] {
            #expect(names.contains(name), "\(name)")
        }
        for library in packages where library["packageFileName"] != nil {
            let path = try #require(library["packageFileName"] as? String)
            let sums = library["checksums"] as? [[String: Any]]
            let outcome = try await RunningProgram("/usr/bin/sha256sum", [path], environment: [:]).outcome()
            #expect(sums?.first?["checksumValue"] as? String == String(outcome.output.prefix(64)), "\(path)")
        }
        let identifiers = packages.compactMap { $0["SPDXID"] as? String }
        #expect(Set(identifiers).count == packages.count, "identifiers are unique")
    }

    @Test func withoutPackageResolvedTheMessageSaysWhatToDo() async throws {
        let outcome = try await inventory(["--resolved", "/nonexistent"])
        #expect(outcome.status == 1 && outcome.sentence.contains("build first"), "\(outcome.testDescription)")
    }
}
