// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import EmotionEncoder
import EmotionEvents
import EmotionStream
import ServiceRuntime
import SpeechFeatures

/// Commands about models.
struct Model: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Inspect a model.",
        subcommands: [ModelInfo.self]
    )
}

/// Reads a model as the daemon does and prints its properties.
struct ModelInfo: AsyncParsableCommand, HasEnvironment {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Check a model and print its properties."
    )
    static let environment: [EnvironmentOption] = [
        .value("--model", "UNDERTONE_MODEL"), .flag("--json", "UNDERTONE_JSON"),
    ]

    @OptionGroup var modelOption: ModelOption
    @Flag(help: "One JSON object. [UNDERTONE_JSON]")
    var json = false

    func run() async throws {
        let model = try modelOption.read()
        if json { return try StandardOutput.write(object(model)) }
        try StandardOutput.show(text(model))
    }

    private func text(_ model: StreamModel) -> String {
        """
        id           \(model.id)
        sha256       \(model.sha256)
        labels       \(model.labels.joined(separator: ", "))
        calibration  \(model.calibrationSet ?? "none")
        attributes   \(model.attributes.isEmpty ? "none" : model.attributes.joined(separator: ", "))
        features     \(model.features.featureCount) numbers every \(model.hopSamples) samples
        parameters   \(model.encoder.parameterCount)
        voice        \(voice(model))

        """
    }

    private func voice(_ model: StreamModel) -> String {
        guard let voice = model.voice else { return "no voice baseline" }
        return
            "compares up to \(Plain.count(voice.mostVoices, "voice")) with their own baselines, forgotten after "
            + "\(voice.forgetAfterSeconds) s; not when voice_baseline is off"
    }

    private func object(_ model: StreamModel) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("type", "model")
        writer.field("id", model.id)
        writer.field("sha256", model.sha256)
        writer.beginArray("labels")
        for label in model.labels { writer.element(label) }
        writer.endArray()
        writer.beginArray("attributes")
        for attribute in model.attributes { writer.element(attribute) }
        writer.endArray()
        if let set = model.calibrationSet { writer.field("calibration", set) }
        writer.field("features", model.features.featureCount)
        writer.field("voice_baseline", model.voice != nil)
        writer.endObject()
        writer.endLine()
        return writer.text
    }
}
