// SPDX-License-Identifier: Apache-2.0

/// The units that together show an emotion.
///
/// Two published tables were compared: the prototypes of the FACS investigators' guide as *mpr-online* 4 prints them
/// (table 11-1), and those in the documentation of OpenDBM, made for OpenFace. Where both agree the units are theirs:
/// sad 1+4+15, surprised 1+2+5+26. Elsewhere:
///
/// - happy: 6+12 as in OpenDBM; FACS adds 25, which speech moves all the time.
/// - fearful: 1+2+4+5+20+25 as in FACS; OpenDBM's 7 and 26 would make it more similar to anger and surprise.
/// - angry: 4+5+7+23 as in OpenDBM; FACS has 24, which OpenFace does not predict.
/// - disgusted: 4+10+17 as in FACS; OpenDBM's 9+15+16 has one unit that OpenFace hardly ever finds present and one that
///   it does not predict.
public struct UnitPrototype: Sendable {
    /// The emotion.
    public let emotion: Emotion
    /// The units, in the order of their numbers.
    public let units: [ActionUnit]

    /// The six prototypes, in the order of ``Emotion``.
    public static let all = [
        UnitPrototype(emotion: .happy, units: [.cheekRaiser, .lipCornerPuller]),
        UnitPrototype(emotion: .sad, units: [.innerBrowRaiser, .browLowerer, .lipCornerDepressor]),
        UnitPrototype(emotion: .angry, units: [.browLowerer, .upperLidRaiser, .lidTightener, .lipTightener]),
        UnitPrototype(
            emotion: .fearful,
            units: [
                .innerBrowRaiser, .outerBrowRaiser, .browLowerer, .upperLidRaiser, .lipStretcher, .lipsPart,
            ]
        ),
        UnitPrototype(emotion: .disgusted, units: [.browLowerer, .upperLipRaiser, .chinRaiser]),
        UnitPrototype(
            emotion: .surprised,
            units: [.innerBrowRaiser, .outerBrowRaiser, .upperLidRaiser, .jawDrop]
        ),
    ]
}
