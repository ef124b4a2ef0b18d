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

    /// A flag that the words of `FlagWord` turn on or off; an empty value is ignored.
    static func flag(_ option: String, _ variable: String) -> EnvironmentOption {
        EnvironmentOption(option: option, variable: variable, isFlag: true)
    }

    /// The command-line arguments that equal the variable; none if it is not set.
    ///
    /// - Throws: a failure that names the variable, for a flag with another value.
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

/// Inserts the options from the environment before those that the user typed.
///
/// The parser takes the last of two equal options, so the command line takes precedence over the environment, and the
/// same code checks both.
enum EnvironmentDefaults {
    /// True if the user typed `option`. A value from the environment is only a default and contradicts nothing.
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
