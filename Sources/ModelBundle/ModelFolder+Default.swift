// SPDX-License-Identifier: Apache-2.0
import Glibc
import PlainText

extension ModelFolder {
    /// The model that ships with Undertone: beside the running program when it was built from source, else where it
    /// is installed, `../share/undertone/models/default` seen from the program's folder. The path is not checked;
    /// reading it says what is wrong.
    public static var defaultPath: String { bundledPath("default") }

    /// Names of the models that ship with Undertone: `default`, the best, and `free`, the one for any use.
    public static let bundledNames = ["default", "free"]

    /// The end of a sentence about a model that is not there.
    static var choices: String {
        "name a folder, or a bundled model: \(bundledNames.joined(separator: ", "))"
    }

    /// The folder that `text` names: that of a bundled model if it is its name, else `text` itself. A folder of one's own
    /// that is called so is named with a slash, as `./free`.
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
