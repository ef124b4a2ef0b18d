// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Papers
import Recipes
import TestSupport

extension SmallCorpus {
    /// Writes a study's file beside the corpus and runs it as the program does, always in the same folder; `step` hears of
    /// every epoch.
    func runStudy(_ yaml: String, step: @escaping () -> Void = {}) async throws -> [StudyTable] {
        try write(yaml, to: "study.yaml")
        let study = try StudyFile.read(folder.appending(path: "study.yaml"))
        let context = StudyContext(
            data: try DataFolder(option: folder.appending(path: "data").path),
            cache: try FeatureCache(folder: folder.appending(path: "cache")),
            folder: try StudyFolder(folder.appending(path: "run"), study: study),
            place: folder
        ) { event in
            if case .step = event { step() }
        }
        try context.folder.claim(for: study, in: context)
        return try await study.run(in: context)
    }
}
