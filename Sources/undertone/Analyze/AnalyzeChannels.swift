// SPDX-License-Identifier: Apache-2.0
package import AudioCapture

/// Which channels of a recording are analysed.
package enum AnalyzeChannels: Equatable, Sendable {
    /// One: the mean of all, or one of them.
    case one(ChannelChoice)
    /// Each by itself, for recordings with one speaker a channel.
    case each

    /// Reads `mix`, `each` or a number from 1 to 8.
    package init?(_ text: String) {
        if text == "each" {
            self = .each
        } else if let choice = ChannelChoice(text) {
            self = .one(choice)
        } else {
            return nil
        }
    }
}

extension ChannelChoice {
    /// The channel's number; nil for the mean of all.
    var number: Int? {
        if case .only(let number) = self { number } else { nil }
    }
}
