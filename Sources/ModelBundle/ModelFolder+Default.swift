// SPDX-License-Identifier: Apache-2.0
import Glibc

extension ModelFolder {
    /// The model that ships with Undertone: beside the running program when it was built from source, else where
    /// the package installs it. The path is not checked; reading it says what is wrong.
    public static var defaultPath: String {
        let installed = "/usr/share/undertone/models/default"
        guard let program = executablePath() else { return installed }
        let built = AtomicFile.parent(of: program) + "/undertone_ModelBundle.resources/default"
        return access(built, F_OK) == 0 ? built : installed
    }

    private static func executablePath() -> String? {
        let bytes = [CChar](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            count = max(0, readlink("/proc/self/exe", base, buffer.count))
        }
        return bytes.isEmpty ? nil : String(decoding: bytes.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
