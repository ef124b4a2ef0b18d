// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A real control group with a limit on memory, of either version of cgroup.
struct MemoryGroup {
    let folder: String
    /// The file into which a process writes its number to belong to the group.
    var members: String { folder + "/cgroup.procs" }

    /// True if the tests may make a group on this machine.
    static var canBeMade: Bool {
        guard let group = MemoryGroup(byteCount: 1 << 30) else { return false }
        group.remove()
        return true
    }

    /// A group with a limit in bytes; nil if none can be made.
    init?(byteCount: Int) {
        let name = "undertone-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        for (parent, file) in [
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max"),
        ] where access(parent + "/cgroup.procs", F_OK) == 0 {
            let folder = parent + "/" + name
            guard mkdir(folder, 0o755) == 0 else { continue }
            if (try? "\(byteCount)".write(toFile: folder + "/" + file, atomically: false, encoding: .utf8))
                != nil
            {
                self.folder = folder
                return
            }
            rmdir(folder)
        }
        return nil
    }

    func remove() { rmdir(folder) }
}
