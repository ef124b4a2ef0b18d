// SPDX-License-Identifier: Apache-2.0
import Foundation
import ServiceRuntime

/// The recordings that `undertone analyze` is asked for, one after the other, so that a million names need no memory.
///
/// A failure among them is a folder or list that cannot be read, or in which there is nothing; the rest follows.
struct FileNames: Sequence, IteratorProtocol {
    private var arguments: ArraySlice<String>
    private var list: NameList?
    private var search: FolderSearch?
    private let isRecursive: Bool

    /// The files named by `arguments`, then those named line by line in the file `list` (`-` is standard input).
    init(arguments: [String], list: String?, isRecursive: Bool) throws(ProgramFailure) {
        self.arguments = arguments[...]
        self.isRecursive = isRecursive
        self.list = try list.map { (path) throws(ProgramFailure) in try NameList(path) }
    }

    mutating func next() -> Result<String, ProgramFailure>? {
        if let found = search?.next() { return found }
        search = nil
        guard let name = arguments.popFirst().map({ .success($0) }) ?? list?.next() else { return nil }
        guard isRecursive, case .success(let path) = name, isFolder(path) else { return name }
        search = FolderSearch(path)
        return next()
    }
}

/// The names in a file, one a line; lines that are empty are none.
private struct NameList {
    private let path: String
    private let handle: FileHandle
    private var pending = Data()
    private var isEmpty = true
    private var isAtEnd = false

    init(_ path: String) throws(ProgramFailure) {
        guard let handle = path == "-" ? .standardInput : FileHandle(forReadingAtPath: path) else {
            let reason = String(cString: strerror(errno))
            throw ProgramFailure(.inputFile, "cannot read the list of files '\(path)': \(reason)")
        }
        (self.path, self.handle) = (path, handle)
    }

    mutating func next() -> Result<String, ProgramFailure>? {
        while !isAtEnd {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = pending[..<end]
                pending = pending[pending.index(after: end)...]
                if let name = name(line) { return name }
                continue
            }
            do {
                guard let more = try handle.read(upToCount: 65_536), !more.isEmpty else {
                    isAtEnd = true
                    return name(pending) ?? nothing
                }
                pending = Data(pending) + more
            } catch {
                isAtEnd = true
                return .failure(
                    ProgramFailure(.inputFile, "cannot read the list of files '\(path)': it is not a file")
                )
            }
        }
        return nil
    }

    private mutating func name(_ line: Data) -> Result<String, ProgramFailure>? {
        guard !line.isEmpty else { return nil }
        isEmpty = false
        return .success(String(decoding: line, as: UTF8.self))
    }

    private var nothing: Result<String, ProgramFailure>? {
        isEmpty ? .failure(ProgramFailure(.inputFile, "the list of files '\(path)' names none")) : nil
    }
}

/// The sound files in a folder and all below it, in the order of their names.
private struct FolderSearch {
    private let root: String
    /// What is still to be looked at, the next one last.
    private var waiting: [String]
    private var hasFoundAny = false

    /// What sound files are called; a file that is named is always tried.
    private static let extensions: Set<String> = [
        "wav", "wave", "rf64", "w64", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc", "au", "caf",
        "sph",
        "snd", "voc",
    ]

    init(_ root: String) {
        self.root = root
        waiting = [root]
    }

    mutating func next() -> Result<String, ProgramFailure>? {
        while let path = waiting.popLast() {
            if path == root || isOwnFolder(path) {
                if let failure = open(path) { return .failure(failure) }
            } else if Self.extensions.contains((path as NSString).pathExtension.lowercased()) {
                hasFoundAny = true
                return .success(path)
            }
        }
        guard !hasFoundAny else { return nil }
        hasFoundAny = true
        return .failure(ProgramFailure(.inputFile, "\(root) holds no sound file"))
    }

    private mutating func open(_ folder: String) -> ProgramFailure? {
        guard access(folder, R_OK | X_OK) == 0,
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
        else {
            hasFoundAny = true  // Nobody knows whether there are any.
            let reason = String(cString: strerror(errno))
            return ProgramFailure(.inputFile, "cannot read the folder \(folder): \(reason)")
        }
        waiting += names.sorted(by: >).map { (folder as NSString).appendingPathComponent($0) }
        return nil
    }

    /// A folder, and no link to one, which might lead back to where the search came from.
    private func isOwnFolder(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.type] as? FileAttributeType == .typeDirectory
    }
}

/// Whether `path` is a folder.
func isFolder(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
}
