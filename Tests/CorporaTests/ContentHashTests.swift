// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Testing

struct ContentHashTests {
    /// Hashes that the published XXH64 gives for these texts.
    @Test(arguments: [
        ("", "ef46db3751d8e999"), ("a", "d24ec4f1a98c6e5b"), ("abc", "44bc2cf5ad770999"),
        ("Call me Ishmael. Some years ago--never mind how long precisely-", "02a2e85470d6fd96"),
    ])
    func theHashEqualsThePublishedOne(_ text: String, _ digits: String) {
        #expect(ContentHash.digits(of: text) == digits)
    }

    @Test func theHashDoesNotDependOnTheSplit() {
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let whole = bytes.withUnsafeBytes(ContentHash.of)
        for step in [1, 7, 31, 32, 33, 64, 999] {
            var hash = ContentHash()
            for start in stride(from: 0, to: bytes.count, by: step) {
                bytes[start..<min(bytes.count, start + step)].withUnsafeBytes { hash.add($0) }
            }
            #expect(hash.value == whole)
        }
    }

    @Test func everyChangedByteChangesTheSum() {
        var bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 * 31) }
        let whole = bytes.withUnsafeBytes(ContentHash.of)
        for index in bytes.indices {
            bytes[index] ^= 1
            #expect(bytes.withUnsafeBytes(ContentHash.of) != whole)
            bytes[index] ^= 1
        }
    }

    @Test func aDamagedContentMemoryIsIgnored() throws {
        try withTemporaryFolder { folder in
            let (file, sound) = (folder.appending(path: "contents.txt"), folder.appending(path: "sound"))
            try Data("one".utf8).write(to: sound)
            let past = [timespec(tv_sec: 1_000, tv_nsec: 0), timespec(tv_sec: 1_000, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, sound.path, past, 0) == 0)
            let content = ContentMemory(file: file).content(of: sound.path)
            try Data("undertone-contents/1 0000000000000000\nfeed 3 1 1 \(sound.path)\n".utf8).write(to: file)
            #expect(ContentMemory(file: file).content(of: sound.path) == content)
            try Data("two".utf8).write(to: sound)
            #expect(ContentMemory(file: file).content(of: sound.path) != content)
            #expect(ContentMemory(file: file).content(of: sound.path + "x") == ContentMemory.absent)
        }
    }
}
