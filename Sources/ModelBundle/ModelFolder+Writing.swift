// SPDX-License-Identifier: Apache-2.0
import CModelFiles
import FoundationEssentials
import Glibc

extension ModelFolder {
    /// Writes a model so that a process never reads a mixture of an old and a new one, even after a power cut.
    ///
    /// All files are written to a new folder next to `path` and forced to disk; then the folder is renamed.
    /// A model that was at `path` is replaced; anything else there is refused, see ``checkReplaceable(path:)``.
    /// `configuration` must encode as an object; the SHA-256 of the weights is added to it under `weights`.
    public static func write(
        to path: String,
        configuration: some Encodable,
        tensors: [NamedTensor],
        card: String
    ) throws(ModelError) {
        let weights = TensorFile.encode(tensors)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let sealed = Sealed(
            configuration: configuration,
            weights: Sealed.Weights(sha256: ModelBundle.sha256(weights))
        )
        let text: Data
        do {
            text = try encoder.encode(sealed)
        } catch {
            throw .unwritable(path: path + "/" + configurationName, reason: "\(error)")
        }
        try replaceFolder(
            at: path,
            with: [
                (weightsName, weights), (configurationName, Array(text) + [0x0A]),
                (cardName, Array(card.utf8)),
            ]
        )
    }

    /// Throws if `path` is neither a model nor an empty folder: a file, or a folder with other files.
    ///
    /// Programs call it before work that takes hours.
    /// - Throws: ``ModelError/unwritable(path:reason:)`` that names a file that would be lost.
    public static func checkReplaceable(path: String) throws(ModelError) {
        guard let status = Paths.status(path) else { return }
        guard status.st_mode & S_IFMT == S_IFDIR, let names = Paths.names(in: path) else {
            throw .unwritable(path: path, reason: "it is not a folder that can be read; name another one")
        }
        if names.isEmpty { return }
        guard names.isSuperset(of: [weightsName, configurationName]) else {
            throw .unwritable(
                path: path,
                reason:
                    "the folder contains '\(names.min() ?? "")' and is not a model; name an empty folder or a new one"
            )
        }
        if let other = names.subtracting([weightsName, configurationName, cardName]).min() {
            throw .unwritable(
                path: path,
                reason: "the folder also contains '\(other)'; move it away or name another folder"
            )
        }
    }

    /// Removes the temporary folders of killed processes at `path`. If a process was killed while it replaced a model and the
    /// new model is missing, the old one is restored. Only files of a model are removed.
    public static func removeLeftovers(of path: String) {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let parent = AtomicFile.parent(of: path)
        let name = path.split(separator: "/").last.map { String($0) + "." } ?? ""
        guard !name.isEmpty, let folder = opendir(parent) else { return }
        var found: [String] = []
        while let entry = readdir(folder) {
            let entry = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if entry.hasPrefix(name) { found.append(entry) }
        }
        closedir(folder)
        for entry in found {
            let parts = entry.dropFirst(name.count).split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, ["tmp", "old"].contains(parts[1]), let process = pid_t(parts[0]),
                process > 0,
                kill(process, 0) != 0, errno == ESRCH
            else { continue }
            let left = parent + "/" + entry
            if parts[1] == "old", access(path, F_OK) != 0 { rename(left, path) } else { removeFolder(left) }
        }
    }

    private static func replaceFolder(at path: String, with files: [(name: String, bytes: [UInt8])])
        throws(ModelError)
    {
        try checkReplaceable(path: path)
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        removeLeftovers(of: path)
        let temporary = "\(path).\(getpid()).tmp"
        removeFolder(temporary)
        defer { removeFolder(temporary) }
        guard Paths.makeFolder(temporary, 0o755) == 0 else {
            throw .unwritable(path: temporary, reason: systemMessage(errno))
        }
        for file in files { try AtomicFile.writeDurably(file.bytes, to: temporary + "/" + file.name) }
        try AtomicFile.synchronizeFolder(temporary)
        try exchange(temporary, path)
        try AtomicFile.synchronizeFolder(AtomicFile.parent(of: path))
    }

    /// Moves the folder `new` to `old`; a folder that was at `old` is then at `new`.
    ///
    /// `rename` cannot replace a folder with files, so the two are exchanged in one step: there is a whole model at `old`
    /// at all times. If the file system does not support that, the old folder is moved away first.
    private static func exchange(_ new: String, _ old: String) throws(ModelError) {
        if Paths.rename(new, old, exchangeFlag) == 0 { return }
        let retired = "\(old).\(getpid()).old"
        let isReplacing = Paths.rename(old, retired) == 0
        guard Paths.rename(new, old) == 0 else {
            let reason = systemMessage(errno)
            if isReplacing { Paths.rename(retired, old) }
            throw .unwritable(path: old, reason: reason)
        }
        if isReplacing { removeFolder(retired) }
    }

    /// `RENAME_EXCHANGE` of linux/fs.h, a macro that Swift does not import.
    private static let exchangeFlag: UInt32 = 1 << 1

    /// Removes a model folder and the files of its model; silently fails if the folder contains anything else.
    private static func removeFolder(_ path: String) {
        for name in [weightsName, configurationName, cardName] { Paths.unlink(path + "/" + name) }
        Paths.removeFolder(path)
    }

    /// The configuration with the hash of its weights.
    private struct Sealed<Configuration: Encodable>: Encodable {
        struct Weights: Encodable {
            let sha256: String
        }
        enum Key: CodingKey { case weights }

        let configuration: Configuration
        let weights: Weights

        func encode(to encoder: any Encoder) throws {
            try configuration.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(weights, forKey: .weights)
        }
    }
}
