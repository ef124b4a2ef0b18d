// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation

/// An option that can also be set in the environment.
struct EnvironmentOption {
    let option: String
    let variable: String
    var isFlag = false

    static func value(_ option: String, _ variable: String) -> EnvironmentOption {
        EnvironmentOption(option: option, variable: variable)
    }

    /// A flag is set by any value but an empty one, `0` and `false`.
    static func flag(_ option: String, _ variable: String) -> EnvironmentOption {
        EnvironmentOption(option: option, variable: variable, isFlag: true)
    }

    /// The words that say on the command line what the environment says, none where it says nothing.
    func words(_ environment: [String: String]) -> [String] {
        guard let value = environment[variable], !value.isEmpty else { return [] }
        if isFlag { return ["0", "false"].contains(value) ? [] : [option] }
        return [option + "=" + value]
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
        typed: [String] = Array(CommandLine.arguments.dropFirst()),
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String] {
        var command = root
        var names: [String] = []
        for word in typed {
            let children = command.configuration.subcommands
            guard let child = children.first(where: { $0._commandName == word }) else { break }
            command = child
            names.append(word)
        }
        let options = (command as? any HasEnvironment.Type)?.environment ?? []
        return names + options.flatMap { $0.words(environment) } + typed.dropFirst(names.count)
    }
}
