// SPDX-License-Identifier: Apache-2.0
import Spelling
import Testing

@Suite struct NearestWordTests {
    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "ab", 2), ("device", "device", 0), ("device", "devise", 1),
        ("device", "decive", 2), ("most", "mots", 1), ("kitten", "sitting", 3),
    ])
    func theDistanceCountsEdits(first: String, second: String, distance: Int) {
        #expect(editDistance(first, second) == distance)
        #expect(editDistance(second, first) == distance)
    }

    @Test func aDistantWordIsNotSuggested() {
        #expect(nearestWord(to: "zebra", among: ["device", "socket"]) == nil)
        #expect(nearestWord(to: "sockett", among: ["device", "socket"]) == "socket")
        #expect(nearestWord(to: "SOCKET", among: ["device", "socket"]) == "socket")
        #expect(nearestWord(to: "socket", among: []) == nil)
    }
}
