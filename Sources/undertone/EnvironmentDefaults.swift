// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import PlainText
import ServiceRuntime

/// An option that can also be set in the environment.
struct EnvironmentOption {
    let option: String
    let variable: String
    var isFlag = false

    static func value(_ option: String, _ variable: String) -> EnvironmentOption {
        EnvironmentOption(option: option, variable: variable)
    }

    /// A flag is switched by the words of `FlagWord`; an empty value says nothing.
    static func flag(_ option: String, _ variable: String) -> EnvironmentOption {
        EnvironmentOption(option: option, variable: variable, isFlag: true)
    }

    /// The words that say on the command line what the environment says, none where it says nothing.
    ///
    /// - Throws: a failure that names the variable of a flag whose value is none of the words.
    func words(_ environment: [String: String]) throws(ProgramFailure) -> [String] {
        guard let value = environment[variable], !value.isEmpty else { return [] }
        guard isFlag else { return [option + "=" + value] }
        guard let isOn = FlagWord.value(of: value) else {
            throw ProgramFailure(
                .configuration,
                "$\(variable) is '\(value)', but must be \(FlagWord.accepted)"
            )
        }
        return isOn ? [option] : []
    }
}

/// A command whose options can be set in the environment.
protocol HasEnvironment: ParsableCommand {
    static var environment: [EnvironmentOption] { get }
}

/// Puts what the environment says in front of what the user typed.
///
/// The parser takes the last of two equal options, so the command line stands over the environment, and values from
/// either are checked by the same code.
enum EnvironmentDefaults {
    /// Whether the user typed `option` himself; what the environment says is a default and contradicts nothing.
    static func isTyped(_ option: String) -> Bool {
        CommandLine.arguments.prefix { $0 != "--" }.contains { $0 == option || $0.hasPrefix(option + "=") }
    }

    static func arguments(
        for root: any ParsableCommand.Type,
        typed: [String] = PathText.arguments,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ProgramFailure) -> [String] {
        var command = root
        var names: [String] = []
        for word in typed {
            let children = command.configuration.subcommands
            guard let child = children.first(where: { $0._commandName == word }) else { break }
            command = child
            names.append(word)
        }
        let options = (command as? any HasEnvironment.Type)?.environment ?? []
        var words: [String] = []
        for option in options { words += try option.words(environment) }
        return names + words + typed.dropFirst(names.count)
    }
}
