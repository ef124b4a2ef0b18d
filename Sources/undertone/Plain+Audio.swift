// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import ServiceRuntime

extension Plain {
    /// A position on the audio clock, in seconds.
    static func seconds(_ sample: Int64) -> Double { Double(sample) / Double(audioClockRate) }
}
