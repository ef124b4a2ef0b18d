// SPDX-License-Identifier: Apache-2.0
import Corpora
import Training

/// A teacher's vectors as targets of a batch.
struct TeacherVectors: Sendable {
    private let table: TeacherTable
    private let sets: [ClipSet]
    /// Feature frames for each vector.
    private let framesPerVector: Double
    /// Feature frames from the start of an embedding's frame to the end of its window.
    private static let windowFrames = 2.5

    init(_ table: TeacherTable, sets: [ClipSet], framesPerSecond: Double) {
        (self.table, self.sets) = (table, sets)
        framesPerVector = Double(table.description.frameMilliseconds) / 1000 * framesPerSecond
    }

    /// Adds the vector that was complete when each embedding's window ended; noise has none.
    func add(_ draws: [DrawnClip], _ batch: PaddedBatch, to targets: inout PretextTargets) {
        let (size, width) = (table.description.vectorSize, batch.input.mask.count / max(1, draws.count))
        targets.clipCount = draws.count
        targets.teacher = Array(repeating: 0, count: batch.input.mask.count * size)
        targets.teacherMask = Array(repeating: 0, count: batch.input.mask.count)
        for (row, draw) in draws.enumerated() where sets.indices.contains(draw.set) {
            let clip = sets[draw.set].clips[draw.clip]
            guard let vectors = table.vectors(of: clip) else { continue }
            let tempo = sets[draw.set].tempo(ofClip: draw.clip, copy: draw.copy)
            for embedding in 0..<batch.embeddingCounts[row] {
                let place = row * width + embedding
                guard batch.speech[place] > 0 else { continue }
                let end = Double(embedding * batch.stride) * tempo + Double(draw.frames.lowerBound)
                let vector = Int((end + Self.windowFrames) / framesPerVector) - 1
                guard vector >= 0, (vector + 1) * size <= vectors.count else { continue }
                targets.teacherMask[place] = 1
                standardise(
                    vectors[vector * size..<(vector + 1) * size],
                    into: &targets.teacher,
                    at: place * size
                )
            }
        }
    }

    private func standardise(_ vector: ArraySlice<Float>, into targets: inout [Float], at start: Int) {
        let (mean, deviation) = (table.description.mean, table.description.deviation)
        vector.withUnsafeBufferPointer { vector in
            for index in vector.indices {
                targets[start + index] = (vector[index] - mean[index]) / deviation[index]
            }
        }
    }
}
