// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Glibc
import PlainText
import ServiceRuntime

/// Iterates over the recordings for `undertone analyze`, so that a million names need no memory.
///
/// A folder or list that is unreadable or empty gives a failure, and the iteration continues.
struct FileNames: IteratorProtocol {
    /// Items that the search of folders skipped, as sentences that name the folder.
    private(set) var passedOver: [String] = []
    private var arguments: ArraySlice<String>
    private var list: NameList?
    private var search: FolderSearch?
    private let isRecursive: Bool

    /// The files named by `arguments`, then those named in the file `list` (`-` is standard input).
    init(arguments: [String], list: String?, isRecursive: Bool) throws(ProgramFailure) {
        self.arguments = arguments[...]
        self.isRecursive = isRecursive
        self.list = try list.map { (path) throws(ProgramFailure) in try NameList(path) }
    }

    mutating func next() -> Result<String, ProgramFailure>? {
        if let found = search?.next() { return found }
        if let search { passedOver += search.passedOver }
        search = nil
        guard let name = arguments.popFirst().map({ .success($0) }) ?? list?.next() else { return nil }
        guard isRecursive, case .success(let path) = name, isFolder(path) else { return name }
        search = FolderSearch(path)
        return next()
    }
}

/// The sound files in a folder, or a failure if there are none.
private struct FolderSearch {
    private let root: String
    private var search: RecordingSearch
    private var hasFoundAny = false

    init(_ root: String) { (self.root, search) = (root, RecordingSearch(root)) }

    var passedOver: [String] { search.passedOver.sentences.map { root + ": " + $0 } }

    mutating func next() -> Result<String, ProgramFailure>? {
        let found = search.next()
        defer { hasFoundAny = true }
        switch found {
        case .recording(let path): return .success(path)
        case .unreadable(let folder, let code):
            let reason = String(cString: strerror(code))
            return .failure(ProgramFailure(.inputFile, "cannot read the folder \(folder): \(reason)"))
        case nil:
            return hasFoundAny ? nil : .failure(ProgramFailure(.inputFile, "\(root) holds no sound file"))
        }
    }
}

/// True if `path` is a folder.
func isFolder(_ path: String) -> Bool {
    var status = stat()
    return PathText.withPath(path) { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
}
