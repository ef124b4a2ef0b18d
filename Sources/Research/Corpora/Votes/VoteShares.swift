// SPDX-License-Identifier: Apache-2.0

extension EmotionVotes {
    /// The distribution of the votes on each of `clips`, [K] by raw value of ``Emotion``, each of sum 1; nil for a clip
    /// without votes.
    ///
    /// - Parameter clips: the clips of one corpus.
    /// - Throws: an error that names the manifest if none of the clips has votes.
    public static func shares(of clips: [Clip]) throws(CorporaError) -> [[Double]?] {
        guard clips.isEmpty || clips.contains(where: { $0.votes != nil }) else {
            throw .malformed(
                file: clips[0].manifest,
                line: 1,
                problem: "votes are required, but no clip of '\(clips[0].corpus)' has any; add the columns "
                    + "votes_neutral, votes_happy ... or train on the intended labels"
            )
        }
        return clips.map { $0.votes?.shares }
    }
}
