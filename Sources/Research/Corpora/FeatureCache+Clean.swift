// SPDX-License-Identifier: Apache-2.0
import Foundation

extension FeatureCache {
    /// Number and size of some feature tables.
    public struct Size: Hashable, Sendable, CustomStringConvertible {
        /// Number of tables.
        public internal(set) var tables = 0
        /// Their bytes together.
        public internal(set) var bytes = 0

        /// Both as words: "12 feature tables, 3.4 MB".
        public var description: String {
            let megabytes = Double(bytes) / 1e6
            return "\(tables) feature table\(tables == 1 ? "" : "s"), \(String(format: "%.1f", megabytes)) MB"
        }

        mutating func add(_ file: URL) {
            tables += 1
            let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
            bytes += (attributes?[.size] as? NSNumber)?.intValue ?? 0
        }
    }

    /// All feature tables of the folder, those that cannot be read included.
    public var size: Size {
        var size = Size()
        for file in tableFiles { size.add(file) }
        return size
    }

    /// Removes the tables that this version cannot read, and those for whose job `isUsed` is false.
    ///
    /// A process that has one of them mapped keeps it until it ends.
    ///
    /// - Returns: the tables that were removed.
    public func removeTables(unless isUsed: (FeatureJob) -> Bool) -> Size {
        var removed = Size()
        for file in tableFiles {
            if let job = FeatureTable.job(in: file), job.isCurrent, isUsed(job) { continue }
            var size = Size()
            size.add(file)
            guard unlink(file.path) == 0 else { continue }
            removed.tables += size.tables
            removed.bytes += size.bytes
        }
        return removed
    }

    private var tableFiles: [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".features") && !$0.hasPrefix(".") }.sorted()
            .map { folder.appending(path: $0) }
    }
}

extension FeatureTable {
    /// The job of the table in `file`; nil if the file is no table of this format.
    static func job(in file: URL) -> FeatureJob? {
        guard let data = try? Data(contentsOf: file, options: .alwaysMapped) else { return nil }
        return footer(of: data)?.0.job
    }
}
