// SPDX-License-Identifier: Apache-2.0
import Foundation
import ServiceRuntime

/// The recordings that `undertone analyze` is asked for, one after the other, so that a million names need no memory.
struct FileNames: Sequence, IteratorProtocol {
    private var arguments: ArraySlice<String>
    private var list: FileHandle?
    private var folder: FileManager.DirectoryEnumerator?
    private var folderPath = ""
    private let isRecursive: Bool

    /// What sound files are called, for the search through a folder; a file that is named is always tried.
    static let extensions: Set<String> = [
        "wav", "wave", "rf64", "w64", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc", "au", "caf",
        "sph",
        "snd", "voc",
    ]

    /// The files named by `arguments`, then those named line by line in the file `list` (`-` is standard input).
    init(arguments: [String], list: String?, isRecursive: Bool) throws(ProgramFailure) {
        self.arguments = arguments[...]
        self.isRecursive = isRecursive
        guard let list else { return }
        guard let handle = list == "-" ? .standardInput : FileHandle(forReadingAtPath: list) else {
            let reason = String(cString: strerror(errno))
            throw ProgramFailure(.inputFile, "cannot read the list of files \(list): \(reason)")
        }
        self.list = handle
    }

    mutating func next() -> String? {
        if let name = nextInFolder() { return name }
        guard let name = arguments.popFirst() ?? nextInList() else { return nil }
        guard isRecursive, isFolder(name) else { return name }
        folder = FileManager.default.enumerator(atPath: name)
        folderPath = name
        return next()
    }

    private mutating func nextInFolder() -> String? {
        while let name = folder?.nextObject() as? String {
            let extent = (name as NSString).pathExtension.lowercased()
            if Self.extensions.contains(extent) {
                return (folderPath as NSString).appendingPathComponent(name)
            }
        }
        folder = nil
        return nil
    }

    private var pending = Data()

    /// The next line that is not empty.
    private mutating func nextInList() -> String? {
        while let list {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending = pending[pending.index(after: end)...]
                if !line.isEmpty { return line }
            } else if let more = try? list.read(upToCount: 65_536), !more.isEmpty {
                pending = Data(pending) + more
            } else {
                self.list = nil
                defer { pending = Data() }
                if !pending.isEmpty { return String(decoding: pending, as: UTF8.self) }
            }
        }
        return nil
    }
}

/// Whether `path` is a folder.
func isFolder(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
}
