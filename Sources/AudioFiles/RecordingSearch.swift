// SPDX-License-Identifier: Apache-2.0
import Glibc
import PlainText

/// Finds the recordings in a folder and its subfolders, one at a time, in the order of their names.
///
/// Files that look like recordings and are not taken are counted in ``passedOver``. Links to folders are not followed,
/// because one might lead back to a folder that is being searched.
public struct RecordingSearch: Sequence, IteratorProtocol {
    /// One result of the search.
    public enum Found: Sendable, Equatable {
        /// A file with the suffix of an audio file.
        case recording(String)
        /// A folder that cannot be read, with the `errno`.
        case unreadable(folder: String, code: Int32)
    }

    /// The files passed over so far.
    public private(set) var passedOver = PassedOver()
    private let root: String
    private let usesFFmpeg: Bool
    /// Files and folders still to be examined, the next one last.
    private var waiting: [String]

    /// Starts a search in the folder `root`.
    ///
    /// - Parameter usesFFmpeg: true to include recordings that only ffmpeg decodes, if it is installed.
    public init(_ root: String, usesFFmpeg: Bool = true) {
        (self.root, waiting) = (root, [root])
        self.usesFFmpeg = usesFFmpeg && ForeignDecoder.isInstalled
    }

    /// Returns the next recording or unreadable folder; nil at the end.
    public mutating func next() -> Found? {
        while let path = waiting.popLast() {
            if path == root || isOwnFolder(path) {
                if let code = open(path) { return .unreadable(folder: path, code: code) }
            } else if takes(path) {
                return .recording(path)
            }
        }
        return nil
    }

    private mutating func takes(_ path: String) -> Bool {
        switch RecordingKind(path) {
        case .readable: return true
        case .foreign where usesFFmpeg: return true
        case .foreign(let suffix): passedOver.foreign[suffix, default: 0] += 1
        case .headerless(let suffix): passedOver.headerless[suffix, default: 0] += 1
        case nil: break
        }
        return false
    }

    /// Lists a folder. Returns the `errno` if it cannot be read.
    private mutating func open(_ folder: String) -> Int32? {
        guard let stream = PathText.withPath(folder, { opendir($0) }) else { return errno }
        defer { closedir(stream) }
        var names: [(bytes: [UInt8], text: String)] = []
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if bytes == [0x2E] || bytes == [0x2E, 0x2E] { continue }
            let name = PathText.text(bytes)
            if Leftovers.contains(name) { passedOver.leftovers += 1 } else { names.append((bytes, name)) }
        }
        names.sort { $1.text < $0.text }
        waiting += names.map { (folder.hasSuffix("/") ? folder : folder + "/") + $0.text }
        return nil
    }

    private func isOwnFolder(_ path: String) -> Bool {
        var status = stat()
        return PathText.withPath(path) { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

/// Counts of the files that a search passed over.
public struct PassedOver: Sendable, Hashable {
    /// Recordings that only ffmpeg decodes, by suffix.
    public var foreign: [String: Int] = [:]
    /// Raw samples, whose rate is unknown, by suffix.
    public var headerless: [String: Int] = [:]
    /// Files and folders that a file manager, a version control system or a file system left behind.
    public var leftovers = 0

    /// Starts with zero counts.
    public init() {}

    /// One sentence for each kind; empty if nothing was passed over.
    public var sentences: [String] {
        var sentences: [String] = []
        if !foreign.isEmpty {
            sentences.append(
                "passed over \(Self.count(foreign)), which only ffmpeg decodes; install it (apt install ffmpeg) or convert "
                    + "them"
            )
        }
        if !headerless.isEmpty {
            sentences.append(
                "passed over \(Self.count(headerless)) without a header; convert them to WAV, or pipe each into "
                    + "'undertone listen - --rate RATE --format FORMAT'"
            )
        }
        if leftovers > 0 {
            sentences.append(
                "skipped \(leftovers) leftover\(leftovers == 1 ? "" : "s") of file managers and the like"
            )
        }
        return sentences
    }

    /// `3 recordings (.m4a 2, .webm 1)`.
    private static func count(_ kinds: [String: Int]) -> String {
        let sum = kinds.values.reduce(0, +)
        let list = kinds.sorted { $0.key < $1.key }.map { ".\($0.key) \($0.value)" }.joined(separator: ", ")
        return "\(sum) recording\(sum == 1 ? "" : "s") (\(list))"
    }
}

/// Names of files and folders that are not the user's recordings.
private enum Leftovers {
    private static let names: Set<String> = [
        "__macosx", ".git", ".svn", ".hg", "lost+found", ".trash", ".trashes", ".spotlight-v100",
        ".fseventsd",
        ".temporaryitems", ".documentrevisions-v100", "$recycle.bin", "recycler", "system volume information",
        "@eadir",
        ".stfolder", ".stversions", ".dropbox.cache", ".snapshot", ".appledouble", "#recycle",
    ]

    static func contains(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasPrefix("._") || name.hasPrefix(".trash-") || names.contains(name)
    }
}
