// SPDX-License-Identifier: Apache-2.0
import MatrixProducts
import Testing
import Training

@Suite struct KMeansTests {
    init() throws { try OpenBLAS.load() }

    /// Points around the corners of a square, corner by corner.
    private func corners(_ perCorner: Int, spread: Double, seed: UInt64) -> [Double] {
        var random = TrainingRandom(seed: seed)
        var points: [Double] = []
        for (x, y) in [(0.0, 0.0), (10.0, 0.0), (0.0, 10.0), (10.0, 10.0)] {
            for _ in 0..<perCorner {
                points.append(x + spread * (random.unit() - 0.5))
                points.append(y + spread * (random.unit() - 0.5))
            }
        }
        return points
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func clustersThatAreThereAreFound(seed: UInt64) {
        var random = TrainingRandom(seed: seed)
        let means = KMeans(corners(25, spread: 2, seed: seed), columns: 2, clusters: 4, random: &random)
        for corner in 0..<4 {
            let members = means.assignments[corner * 25..<(corner + 1) * 25]
            #expect(Set(members).count == 1)
        }
        #expect(Set(means.assignments).count == 4)
        #expect(means.inertia < 1)
    }

    @Test func equalSeedsGiveEqualClusters() {
        let points = corners(30, spread: 30, seed: 5)
        let runs = (0..<2).map { _ in
            var random = TrainingRandom(seed: 9)
            return KMeans(points, columns: 2, clusters: 7, random: &random)
        }
        #expect(runs[0].assignments == runs[1].assignments)
        #expect(runs[0].centres == runs[1].centres)
    }

    @Test func everyPointIsWithItsNearestCentre() {
        let points = corners(50, spread: 12, seed: 6)
        var random = TrainingRandom(seed: 1)
        let means = KMeans(points, columns: 2, clusters: 5, random: &random)
        for point in means.assignments.indices {
            let distances = (0..<5).map { cluster in
                (0..<2).reduce(0.0) {
                    let difference = points[point * 2 + $1] - means.centres[cluster * 2 + $1]
                    return $0 + difference * difference
                }
            }
            #expect(distances[means.assignments[point]] <= (distances.min() ?? 0) + 1e-9)
        }
    }

    @Test func moreRoundsNeverMakeItWorse() {
        let points = corners(50, spread: 15, seed: 7)
        var last = Double.infinity
        for iterations in [0, 1, 2, 5, 20] {
            var random = TrainingRandom(seed: 3)
            let means = KMeans(points, columns: 2, clusters: 6, iterations: iterations, random: &random)
            #expect(means.inertia <= last + 1e-9)
            last = means.inertia
        }
    }

    @Test func equalPointsAndTooManyClustersAreNoTrap() {
        var random = TrainingRandom(seed: 2)
        let same = KMeans<Double>(Array(repeating: 1, count: 20), columns: 2, clusters: 4, random: &random)
        #expect(same.inertia == 0)
        #expect(same.centres.allSatisfy { $0 == 1 })
        let few = KMeans<Double>([1, 2, 3], columns: 1, clusters: 8, random: &random)
        #expect(few.count == 3)
        #expect(Set(few.assignments).count == 3)
    }
}
