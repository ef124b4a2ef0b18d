// SPDX-License-Identifier: Apache-2.0
import Foundation
import Recipes
import TestSupport
import Testing

/// Figures in documents, compared with the evaluations that are stored beside the pages.
@Suite struct PublishedFiguresTests {
    private static func report(_ name: String) throws -> EvaluationReport {
        let file = Fixtures.root.appending(
            path: "Sources/Research/Recipes/Recipes.docc/\(name)-evaluation.json"
        )
        return try JSONDecoder().decode(EvaluationReport.self, from: Data(contentsOf: file))
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Fixtures.root.appending(path: path), encoding: .utf8)
    }

    private func spread(_ values: [Double]) -> String {
        String(format: "%.3f ± %.3f", mean(values), Recipes.spread(values))
    }

    @Test func theTableOfTheReadmeHoldsTheStoredFigures() throws {
        let (report, readme) = (try Self.report("default"), try Self.text("README.md"))
        let recalls = report.folds.map(\.confusion.unweightedAverageRecall)
        let scores = report.folds.map(\.confusion.macroF1)
        #expect(readme.contains("unknown voice | **\(spread(recalls))** | \(spread(scores)) |"))
        for (index, seconds) in report.momentsSeconds.enumerated() where seconds < 2 {
            let early = report.folds.map(\.early[index])
            let cells = [early.map(\.unweightedAverageRecall), early.map(\.macroF1)].map(spread)
            #expect(readme.contains("| after \(seconds) s of speech | \(cells.joined(separator: " | ")) |"))
        }
    }

    @Test func theFiguresOfTheFreeModelAreTheStoredOnes() throws {
        let report = try Self.report("free")
        let recalls = report.folds.map(\.confusion.unweightedAverageRecall)
        #expect(try Self.text("README.md").contains("UAR \(spread(recalls))"))
        let place = try #require(report.momentsSeconds.firstIndex(of: 1))
        let early = report.folds.map(\.early[place].unweightedAverageRecall)
        #expect(try Self.text("README.md").contains("after 1.0 s of speech \(spread(early))"))
    }

    @Test(arguments: ["default", "free"])
    func theCardOfAModelHoldsTheStoredFigure(_ model: String) throws {
        let recall = mean(try Self.report(model).folds.map(\.confusion.unweightedAverageRecall))
        let card = try Self.text("Sources/ModelBundle/Resources/\(model)/README.md")
        #expect(card.contains(String(format: "%.3f", recall)))
    }
}
