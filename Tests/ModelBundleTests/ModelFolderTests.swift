// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModelBundle
import PlainText
import TestSupport
import Testing

private struct Configuration: Codable, Equatable {
    var id = "test"
    var size = 3
}

/// A valid model folder in a temporary place, to be damaged by one test.
private final class TemporaryModel {
    let root: URL
    let tensors = [NamedTensor(name: "a", shape: [3], values: [1, 2, 3])]
    var path: String { root.appending(path: "model").path }

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "undertone-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        try ModelFolder.write(to: path, configuration: Configuration(), tensors: tensors, card: "# A card\n")
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func url(_ name: String) -> URL { root.appending(path: "model/" + name) }

    func replace(_ name: String, with text: String) throws {
        try Data(text.utf8).write(to: url(name))
    }
}

struct ModelFolderTests {
    private let weights = "model.safetensors"
    private let configuration = "config.json"

    private func expectRefusal(of path: String, says reason: String) throws {
        let error = try #require(throws: ModelError.self) { try ModelFolder(path: path) }
        #expect(error.description.contains(reason))
        #expect(error.description.hasSuffix(".") && !error.description.contains("\n"))
    }

    @Test func writtenValuesAreReadBack() throws {
        let model = try TemporaryModel()
        let folder = try ModelFolder(path: model.path)
        #expect(try folder.decodeConfiguration(as: Configuration.self) == Configuration())
        #expect(try folder.tensors.floats(of: "a", shape: [3]) == [1, 2, 3])
        #expect(try folder.sha256 == sha256([UInt8](Data(contentsOf: model.url(weights)))))
        #expect(try String(contentsOf: model.url("README.md"), encoding: .utf8) == "# A card\n")
    }

    @Test func aFolderMayHaveANameThatIsNotUTF8() throws {
        let model = try TemporaryModel()
        let path = PathText.text(Array(model.root.path.utf8) + Array("/mod".utf8) + [0xE9, 0x6C])
        for size in [4, 5] {
            try ModelFolder.write(
                to: path,
                configuration: Configuration(size: size),
                tensors: model.tensors,
                card: ""
            )
            #expect(try ModelFolder(path: path).decodeConfiguration(as: Configuration.self).size == size)
        }
        // By its bytes, as another program would write the name.
        let name = (Array(model.root.path.utf8) + Array("/mod".utf8) + [0xE9, 0x6C, 0]).map {
            CChar(bitPattern: $0)
        }
        #expect(access(name, F_OK) == 0)
        try ModelFolder.checkReplaceable(path: path)
    }

    @Test func hashesEqualTheStandards() {
        // FIPS 180-4, the one-block example and the empty message.
        #expect(
            sha256(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(sha256([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func writingAgainReplacesTheModelAndLeavesNothingBehind() throws {
        let model = try TemporaryModel()
        let before = try ModelFolder(path: model.path)
        try ModelFolder.write(
            to: model.path,
            configuration: Configuration(id: "new"),
            tensors: [NamedTensor(name: "a", shape: [1], values: [4])],
            card: ""
        )
        let after = try ModelFolder(path: model.path)
        #expect(try after.decodeConfiguration(as: Configuration.self).id == "new")
        #expect(after.sha256 != before.sha256)
        #expect(try FileManager.default.contentsOfDirectory(atPath: model.root.path) == ["model"])
    }

    @Test func aFailedWriteKeepsTheOldModel() throws {
        let model = try TemporaryModel()
        let unreachable = model.root.appending(path: "no/such/folder").path
        #expect(throws: ModelError.self) {
            try ModelFolder.write(
                to: unreachable,
                configuration: Configuration(),
                tensors: model.tensors,
                card: ""
            )
        }
        #expect(throws: ModelError.self) { try AtomicFile.write([1], to: model.path) }
        #expect(try ModelFolder(path: model.path).tensors.names == ["a"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: model.root.path) == ["model"])
    }

    @Test func aMixtureOfTwoModelsIsNeverRead() async throws {
        let model = try TemporaryModel()
        let path = model.path
        // Two models of different size, each with its own name: a mixture would fail the hash or the name.
        let writer = Task.detached {
            for round in 0..<60 {
                let size = 1 + round % 2
                try ModelFolder.write(
                    to: path,
                    configuration: Configuration(id: "\(size)", size: size),
                    tensors: [
                        NamedTensor(name: "a", shape: [size], values: Array(repeating: 1, count: size))
                    ],
                    card: ""
                )
            }
        }
        var readCount = 0
        for _ in 0..<600 {
            do {
                let folder = try ModelFolder(path: path)
                let size = try folder.decodeConfiguration(as: Configuration.self).size
                #expect(folder.tensors.shape(of: "a") == [size])
                readCount += 1
            } catch ModelError.unreadable {
                // The moment between two renames, or a folder that was replaced during reading.
                continue
            }
        }
        try await writer.value
        #expect(readCount > 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: model.root.path) == ["model"])
    }

    @Test func anAtomicFileIsReplacedAndNothingIsLeftBehind() throws {
        let model = try TemporaryModel()
        let folder = model.root.appending(path: "model").path
        for text in ["old", "new and longer", ""] {
            try AtomicFile.write(Array(text.utf8), to: folder + "/README.md")
            #expect(try String(contentsOfFile: folder + "/README.md", encoding: .utf8) == text)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names == ["README.md", configuration, weights])
    }

    @Test func anAtomicFileNeverReplacesAPipeOrADevice() throws {
        let model = try TemporaryModel()
        let pipe = model.root.appending(path: "pipe").path
        try #require(mkfifo(pipe, 0o600) == 0)
        for path in [pipe, "/dev/null"] {
            #expect(throws: ModelError.self) { try AtomicFile.write([1], to: path) }
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG, "\(path)")
        }
    }

    @Test func missingFilesHaveSpecificErrors() throws {
        let model = try TemporaryModel()
        try expectRefusal(
            of: model.root.path + "/none",
            says: "/none cannot be read: there is no such folder; name a folder, or a bundled model"
        )
        try FileManager.default.removeItem(at: model.url(weights))
        try expectRefusal(of: model.path, says: "model.safetensors cannot be read: No such file or directory")
        try FileManager.default.removeItem(at: model.url(configuration))
        try expectRefusal(of: model.path, says: "config.json cannot be read: No such file or directory")
    }

    @Test func aFileInPlaceOfTheFolderIsRefused() throws {
        let model = try TemporaryModel()
        try expectRefusal(of: model.url(weights).path, says: "Not a directory")
    }

    @Test func aShortFileIsRefused() throws {
        let model = try TemporaryModel()
        let bytes = try Data(contentsOf: model.url(weights))
        for count in 0..<bytes.count {
            try bytes.prefix(count).write(to: model.url(weights))
            try expectRefusal(of: model.path, says: "model.safetensors is damaged")
        }
    }

    @Test func anAlteredWeightIsRefused() throws {
        let model = try TemporaryModel()
        var bytes = try Data(contentsOf: model.url(weights))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: model.url(weights))
        try expectRefusal(of: model.path, says: "is not the one its config.json belongs to")
    }

    @Test func aLoadedModelIsUnaffectedByLaterTruncation() throws {
        let model = try TemporaryModel()
        let folder = try ModelFolder(path: model.path)
        try FileHandle(forWritingTo: model.url(weights)).truncate(atOffset: 0)
        #expect(try folder.tensors.floats(of: "a", shape: [3]) == [1, 2, 3])
    }

    @Test(arguments: ["model.safetensors", "config.json"])
    func nothingButARegularFileIsRead(_ name: String) throws {
        let model = try TemporaryModel()
        let url = model.url(name)
        let moved = model.root.appending(path: "elsewhere")
        try FileManager.default.moveItem(at: url, to: moved)
        try FileManager.default.createSymbolicLink(at: url, withDestinationURL: moved)
        try expectRefusal(of: model.path, says: "symbolic link")
        try FileManager.default.removeItem(at: url)
        try FileManager.default.createSymbolicLink(atPath: url.path, withDestinationPath: "/dev/zero")
        try expectRefusal(of: model.path, says: "symbolic link")
        try FileManager.default.removeItem(at: url)
        #expect(mkfifo(url.path, 0o600) == 0)
        try expectRefusal(of: model.path, says: "not a regular file")
        try FileManager.default.removeItem(at: url)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        try expectRefusal(of: model.path, says: "not a regular file")
    }

    @Test(arguments: [("model.safetensors", 65 << 20), ("config.json", 2 << 20)])
    func aFileOverTheLimitIsNotRead(_ name: String, byteCount: UInt64) throws {
        let model = try TemporaryModel()
        try FileHandle(forWritingTo: model.url(name)).truncate(atOffset: byteCount)
        try expectRefusal(of: model.path, says: "are more than")
    }

    @Test(arguments: [
        ("", "the text ends before a value"), ("{", "a name must be in quotes"), ("[]", "no weights.sha256"),
        ("{}", "no weights.sha256"), (#"{"weights":{"sha256":7}}"#, "no weights.sha256"),
        (#"{"weights":{"sha256":"abc"}}"#, "no weights.sha256"), (#"{"id":1,"id":2}"#, "duplicate name"),
    ])
    func aDamagedConfigurationIsRefused(_ text: String, reason: String) throws {
        let model = try TemporaryModel()
        try model.replace(configuration, with: text)
        try expectRefusal(of: model.path, says: reason)
    }

    @Test(arguments: [
        (#""id":"x""#, "size is missing"), (#""id":"x","size":"3""#, "size is not a Int"),
        (#""id":null,"size":3"#, "id is not a String"),
    ])
    func aConfigurationOfAnotherFormIsRefused(_ members: String, reason: String) throws {
        let model = try TemporaryModel()
        let hash = try ModelFolder(path: model.path).sha256
        try model.replace(configuration, with: "{\(members),\"weights\":{\"sha256\":\"\(hash)\"}}")
        let folder = try ModelFolder(path: model.path)
        let error = try #require(throws: ModelError.self) {
            try folder.decodeConfiguration(as: Configuration.self)
        }
        #expect(error.description.contains(reason))
    }

    @Test func theBundledFolderIsNextToTheProgram() {
        #expect(ModelFolder.defaultPath.hasSuffix("/undertone_ModelBundle.resources/default"))
        #expect(FileManager.default.fileExists(atPath: ModelFolder.defaultPath + "/README.md"))
    }

    @Test(arguments: ["thesis.txt", "README.md", "config.json"])
    func aFolderThatIsNoModelIsNeverWrittenOver(name: String) throws {
        let model = try TemporaryModel()
        let folder = model.root.appending(path: "documents")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: name)
        try Data("mine".utf8).write(to: file)
        let error = #expect(throws: ModelError.self) {
            try ModelFolder.write(
                to: folder.path,
                configuration: Configuration(),
                tensors: model.tensors,
                card: "# A card\n"
            )
        }
        #expect(error?.description.contains("'\(name)'") == true)
        #expect(try String(contentsOf: file, encoding: .utf8) == "mine")
        let names = try FileManager.default.contentsOfDirectory(atPath: model.root.path)
        #expect(names.sorted() == ["documents", "model"])
    }

    @Test func aModelWithAnotherFileInItsFolderIsNeverWrittenOver() throws {
        let model = try TemporaryModel()
        try model.replace("notes.txt", with: "mine")
        let error = #expect(throws: ModelError.self) { try ModelFolder.checkReplaceable(path: model.path) }
        #expect(error?.description.contains("'notes.txt'") == true)
    }

    @Test func leftoversOfKilledWritersAreRemoved() throws {
        let model = try TemporaryModel()
        let ended = Process()
        ended.executableURL = URL(filePath: "/bin/true")
        try ended.run()
        ended.waitUntilExit()
        let (dead, alive, files) = (ended.processIdentifier, getppid(), FileManager.default)
        for name in [
            "model.\(dead).tmp", "model.\(dead).old", "model.\(alive).tmp", "model.x.tmp",
            "model.\(dead).tmp.mine",
        ] {
            try files.createDirectory(at: model.root.appending(path: name), withIntermediateDirectories: true)
        }
        try ModelFolder.write(
            to: model.path,
            configuration: Configuration(),
            tensors: model.tensors,
            card: "# B\n"
        )
        let left = try files.contentsOfDirectory(atPath: model.root.path)
        #expect(
            left.sorted()
                == ["model", "model.\(alive).tmp", "model.\(dead).tmp.mine", "model.x.tmp"].sorted()
        )
        try files.moveItem(atPath: model.path, toPath: "\(model.path).\(dead).old")
        ModelFolder.removeLeftovers(of: model.path)
        #expect(try ModelFolder(path: model.path).tensors.names == ["a"], "the only whole model is restored")
    }

    @Test func onlyModelsEmptyFoldersAndNewPathsAreWritten() throws {
        let model = try TemporaryModel()
        let empty = model.root.appending(path: "empty")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        for path in [model.path, empty.path, model.root.appending(path: "new").path] {
            try ModelFolder.write(
                to: path,
                configuration: Configuration(),
                tensors: model.tensors,
                card: "# B\n"
            )
            #expect(try ModelFolder(path: path).tensors.names == ["a"])
        }
    }
}
