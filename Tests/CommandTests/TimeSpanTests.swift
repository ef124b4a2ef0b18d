// SPDX-License-Identifier: Apache-2.0
import Testing
import undertone

@Suite struct TimeSpanTests {
    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("2s", .seconds(2)), ("1.5s", .milliseconds(1_500)),
        ("1m", .seconds(60)), ("2h", .seconds(7_200)), ("0s", .zero), ("168h", TimeSpan.longest),
    ])
    func aNumberWithItsUnitIsADuration(text: String, duration: Duration) throws {
        #expect(try TimeSpan.parse(text) == duration)
    }

    @Test(arguments: ["2", "0.5"])
    func aNumberWithoutUnitIsReportedAsSuch(text: String) {
        let error = #expect(throws: TimeSpanError.self) { try TimeSpan.parse(text) }
        #expect(error?.description.contains("has no unit") == true)
    }

    @Test(arguments: [
        "", "s", "ms", "-1s", "1e3s", "0x10s", "infs", "nans", "1.2.3s", "2 s", "2sec", "169h", "२s",
        "9999999999999h",
    ])
    func anInvalidDurationIsRefusedInOneSentence(text: String) {
        let error = #expect(throws: TimeSpanError.self) { try TimeSpan.parse(text) }
        #expect(error?.description.contains("is no duration") == true)
    }
}
