// SPDX-License-Identifier: Apache-2.0
import Foundation
import ServiceRuntime
import Testing

/// Memory left under the limits of control groups, read from files as the kernel writes them.
@Suite struct MemoryGroupTests {
    private func left(_ files: [String: String], in memberships: String) throws -> Int? {
        let root = FileManager.default.temporaryDirectory.appending(path: "groups-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for (name, text) in files {
            let file = root.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try text.write(to: file, atomically: false, encoding: .utf8)
        }
        return MemoryGroups.left(root: root.path, memberships: memberships)
    }

    @Test func theTightestGroupOnTheWayUpCounts() throws {
        let files = [
            "a.slice/b.service/memory.max": "max\n", "a.slice/b.service/memory.current": "1000\n",
            "a.slice/memory.max": "268435456\n", "a.slice/memory.current": "68435456\n",
            "a.slice/memory.stat": "anon 5\ninactive_file 1000\nactive_file 7\n",
        ]
        #expect(try left(files, in: "0::/a.slice/b.service\n") == 200_001_000)
        #expect(try left(files, in: "0::/elsewhere\n") == nil)
    }

    @Test func theFirstVersionIsReadToo() throws {
        let files = [
            "memory/memory.limit_in_bytes": "9223372036854771712\n", "memory/memory.usage_in_bytes": "5\n",
            "memory/box/memory.limit_in_bytes": "1000\n", "memory/box/memory.usage_in_bytes": "400\n",
            "memory/box/memory.stat": "cache 9\ntotal_inactive_file 50\n",
        ]
        #expect(try left(files, in: "9:name=systemd:/\n4:cpu,memory:/box/inner\n0::/\n") == 650)
        #expect(try left(files, in: "4:memory:/\n0::/\n") == nil)
    }

    @Test func aGroupThatIsOverItsLimitHasNothingLeft() throws {
        let files = ["memory.max": "100\n", "memory.current": "200\n"]
        #expect(try left(files, in: "0::/\n") == 0)
        #expect(try left(["memory.max": "what", "memory.current": "1"], in: "0::/\nnonsense\n") == nil)
    }
}
