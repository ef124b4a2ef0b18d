// SPDX-License-Identifier: Apache-2.0
import Foundation
import ServiceRuntime
import Testing

@Suite struct ExitStatusTests {
    @Test func scriptsMayRelyOnTheNumbers() {
        let numbers = ExitStatus.allCases.map(\.rawValue)
        #expect(numbers == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 124, 130])
    }

    @Test func helpNamesEachNumberOnce() {
        for status in ExitStatus.allCases {
            let count = ExitStatus.help.components(separatedBy: " \(status.rawValue) ").count - 1
            #expect(count == 1, "\(status)")
        }
    }

    @Test func aFailureReadsAsItsSentence() {
        #expect("\(ProgramFailure(.model, "no model"))" == "no model")
    }
}
