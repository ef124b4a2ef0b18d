// SPDX-License-Identifier: Apache-2.0
import Glibc
import PlainText

extension ModelFolder {
    /// Path of the default model: next to the running program if it was built from source, otherwise where it is installed,
    /// `../share/undertone/models/default` relative to the program's folder. The path is not checked; reading it reports
    /// errors.
    public static var defaultPath: String { bundledPath("default") }

    /// Names of the bundled models: `default`, the best, and `free`, whose licence allows any use.
    public static let bundledNames = ["default", "free"]

    /// End of the message about a missing model.
    static var choices: String {
        "name a folder, or a bundled model: \(bundledNames.joined(separator: ", "))"
    }

    /// The folder of the bundled model named `text`, or `text` itself as a path. To use a folder with the name of a bundled
    /// model, write it with a slash, as `./free`.
    public static func path(named text: String) -> String {
        bundledNames.contains(text) ? bundledPath(text) : text
    }

    private static func bundledPath(_ name: String) -> String {
        let folder = AtomicFile.parent(of: executablePath() ?? "/usr/bin/undertone")
        let built = folder + "/undertone_ModelBundle.resources/" + name
        if Paths.status(built) != nil { return built }
        return AtomicFile.parent(of: folder) + "/share/undertone/models/" + name
    }

    private static func executablePath() -> String? {
        let bytes = [CChar](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            count = max(0, readlink("/proc/self/exe", base, buffer.count))
        }
        return bytes.isEmpty ? nil : PathText.text(bytes.map(UInt8.init(bitPattern:)))
    }
}
