// SPDX-License-Identifier: Apache-2.0
import Glibc
import ModelBundle
import PlainText
package import ServiceRuntime

/// The folder that `--out` names, in which each file is written under a temporary name and then renamed.
///
/// The file `.undertone-analyze` lists what this command has written, so that a later run replaces these files and no others.
package final class OutputFolder {
    /// The name of the list.
    package static let listName = ".undertone-analyze"

    private let path: String
    private let earlier: Set<String>
    /// Files of others, which are left alone; empty with `--overwrite`.
    private let foreign: Set<String>
    private var written: [String] = []

    /// Makes the folder, or opens one that is empty or was written by this command.
    ///
    /// - Throws: a failure if it holds other files and `isOverwriting` is false, or cannot be written.
    package init(_ path: String, isOverwriting: Bool) throws(ProgramFailure) {
        guard !path.isEmpty else { throw ProgramFailure(.usage, "--out is '', but must be a folder") }
        self.path = path
        if PathText.withPath(path, { mkdir($0, 0o777) }) != 0, errno != EEXIST {
            throw Self.failure(path, String(cString: strerror(errno)))
        }
        guard let names = Paths.names(in: path) else {
            throw Self.failure(path, String(cString: strerror(errno)))
        }
        earlier = Set(Self.lines(of: path + "/" + Self.listName))
        let others = names.subtracting(earlier).subtracting([Self.listName])
        if let other = others.min(), !names.contains(Self.listName), !isOverwriting {
            throw ProgramFailure(
                .usage,
                "\(path) holds '\(other)' and was not written by this command; name an empty folder or a new one, or add "
                    + "--overwrite to write into it"
            )
        }
        foreign = isOverwriting ? [] : others
    }

    /// Writes a file whose name begins with `stem`; a number is added where that name is taken.
    package func write(_ text: String, stem: String, fileExtension: String) throws(ProgramFailure) {
        var name = stem + "." + fileExtension
        var number = 2
        while written.contains(name) || foreign.contains(name) {
            name = "\(stem)-\(number).\(fileExtension)"
            number += 1
        }
        written.append(name)
        // Listed first: a process that is killed leaves no file that looks like another's.
        try save(Array(earlier) + written, to: Self.listName)
        try save([text], to: name, separator: "")
    }

    /// Removes the files of an earlier run that this one has not replaced.
    package func finish() throws(ProgramFailure) {
        for name in earlier.subtracting(written) where !name.contains("/") {
            _ = PathText.withPath(path + "/" + name) { unlink($0) }
        }
        try save(written, to: Self.listName)
    }

    private func save(_ parts: [String], to name: String, separator: String = "\n") throws(ProgramFailure) {
        try saveFile(parts.map { $0 + separator }.joined(), to: path + "/" + name)
    }

    private static func lines(of path: String) -> [String] {
        guard !Paths.isSpecial(path), let file = PathText.withPath(path, { fopen($0, "re") }) else {
            return []
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func failure(_ path: String, _ reason: String) -> ProgramFailure {
        ProgramFailure(.other, "\(path) cannot be used as --out: \(reason)")
    }
}

/// A single file that this command writes: a page or a drawing.
package struct OutputFile: Sendable {
    private let path: String

    /// Checks that the file may be written.
    ///
    /// - Parameter mark: the beginning of the files that this command writes.
    /// - Throws: a failure if a file of that name begins differently and `isOverwriting` is false.
    package init(_ path: String, option: String, mark: String, isOverwriting: Bool) throws(ProgramFailure) {
        guard !path.isEmpty else { throw ProgramFailure(.usage, "\(option) is '', but must be a file") }
        guard !isFolder(path) else { throw ProgramFailure(.usage, "\(path) is a folder; name a file") }
        guard !Paths.isSpecial(path) else {
            throw ProgramFailure(.usage, "\(path) is a device, a pipe or a socket; name a file")
        }
        self.path = path
        guard !isOverwriting, let file = PathText.withPath(path, { fopen($0, "re") }) else { return }
        defer { fclose(file) }
        var beginning = [UInt8](repeating: 0, count: mark.utf8.count)
        let count = fread(&beginning, 1, beginning.count, file)
        guard count != 0, beginning != Array(mark.utf8) else { return }
        throw ProgramFailure(
            .usage,
            "\(path) is there and was not written by this command; name another file, or add --overwrite to replace it"
        )
    }

    /// Writes the file whole or not at all.
    package func write(_ text: String) throws(ProgramFailure) { try saveFile(text, to: path) }
}

private func saveFile(_ text: String, to path: String) throws(ProgramFailure) {
    do throws(ModelError) { try AtomicFile.write(Array(text.utf8), to: path) } catch {
        guard case .unwritable(let path, let reason) = error else { throw ProgramFailure(.other, "\(error)") }
        throw ProgramFailure(.other, "\(path) cannot be written: \(reason)")
    }
}
