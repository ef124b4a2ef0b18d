// SPDX-License-Identifier: Apache-2.0
import Recipes
import Testing

struct AttributeFiguresTests {
    private func figures(_ answers: [Double]) -> AttributeReport.Figures {
        AttributeReport.Figures(answers: answers, truths: [-1, 0, 0, 1], levels: [-1, 0, 1])
    }

    /// By NumPy 2: twice the covariance over both variances and the squared difference of the means.
    @Test func concordanceAsksForOrderSpreadAndLevel() {
        #expect(figures([-1, 0, 0, 1]).concordance == 1)
        let timid = figures([-0.3, -0.2, 0.3, 0.2])
        #expect(
            abs(timid.concordance - 0.442477876106) < 1e-9 && abs(timid.correlation - 0.693375245282) < 1e-9
        )
        let louder = figures([-0.8, 0.2, 0.2, 1.2])
        #expect(abs(louder.correlation - 1) < 1e-12 && louder.concordance < 0.97)
    }

    @Test func anAnswerCountsAsItsNearestLevel() {
        #expect(figures([-0.6, -0.2, 0.7, 0.4]).levels?.counts == [[1, 0, 0], [0, 1, 1], [0, 1, 0]])
    }

    @Test func answersThatNeverVaryAgreeWithNothing() {
        let still = figures([0.4, 0.4, 0.4, 0.4])
        #expect(still.concordance == 0 && still.correlation == 0)
    }
}
