// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PlainText
import ServiceRuntime

/// `undertone-train`: makes models from corpora, offline.
@main
enum Program {
    static func main() async {
        await UndertoneTrain.start(try PlainNames.checked(PathText.arguments), failure: failure)
    }
}

struct UndertoneTrain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undertone-train",
        abstract: "Train and test the models that undertoned listens with.",
        discussion: """
            Each command takes up where its last call stopped, also after a kill.

              undertone-train default-model --data DIR --out DIR    everything, to the shipped model
              undertone-train train --fold 0 ...                    one fold of it

            A run notices when its recipe or data have changed and says what; --overwrite then starts it again. A folder with \
            other files is never written to.

            Progress is shown as a bar on a terminal and as JSON lines elsewhere, both on stderr.

            \(ExitStatus.help)
            """,
        version: "0.1.0",
        subcommands: [
            Import.self, Prepare.self, Train.self, Pretrain.self, Finetune.self, Evaluate.self, Export.self,
            DefaultModel.self,
            Ablate.self, Compare.self, Measure.self, Report.self, RunStudy.self,
        ]
    )
}
