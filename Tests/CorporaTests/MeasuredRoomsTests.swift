// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import TestSupport
import Testing

@Suite struct MeasuredRoomsTests {
    @Test func aRoomResponseKeepsTheTimingOfTheClip() {
        var random = SplitMix64(seed: 1)
        // The direct sound is 3 samples late; an echo of half its size follows 2 samples later.
        let bank = RoomBank([[0, 0, 0, 0.8, 0, 0.4]])
        #expect(bank.sound(of: [1, 0, 0, 0, -1], using: &random) == [1, 0, 0.5, 0, -1])
    }

    @Test func aSilentResponseIsLeftOut() {
        #expect(RoomBank([[0, 0], []]).count == 0)
    }

    @Test func onlyMeasuredRoomsThatAreShortEnoughAreRead() throws {
        try withTemporaryFolder { folder in
            let rooms = folder.appending(path: "rooms")
            try FileManager.default.createDirectory(at: rooms, withIntermediateDirectories: true)
            for name in ["a", "b", "c"] {
                _ = try SoundFile(samples: [0.9, 0.1, 0.05], sampleRate: 16_000)
                    .write(to: rooms, name: "\(name).wav")
            }
            let rows = ["a.wav,0.4,measured", "b.wav,3.0,measured", "c.wav,0.4,unknown"]
            try (["path,t60_s,measured"] + rows).joined(separator: "\n")
                .write(to: rooms.appending(path: "responses.csv"), atomically: true, encoding: .utf8)
            let data = try DataFolder(option: folder.path)
            let settings = MeasuredRooms(folder: "rooms", share: 1, longestSeconds: 1)
            #expect(try RoomBank(settings, data: data, sampleRate: 16_000).count == 1)
            let none = MeasuredRooms(folder: "rooms", share: 1, longestSeconds: 0.1)
            let error = #expect(throws: CorporaError.self) {
                _ = try RoomBank(none, data: data, sampleRate: 16_000)
            }
            #expect("\(error.map { "\($0)" } ?? "")".contains("no measured room"))
        }
    }
}
