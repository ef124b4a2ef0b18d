// SPDX-License-Identifier: Apache-2.0

/// Paths at which a client looks for the daemon.
public enum SocketAddresses {
    /// The paths of the events socket to try, in this order.
    ///
    /// An explicit path (`--socket`, or `UNDERTONE_SOCKET`) is the only one; otherwise the user's own
    /// instance comes before the system's.
    public static func events(explicit: String?, environment: [String: String]) -> [String] {
        if let explicit { return [explicit] }
        if let named = environment["UNDERTONE_SOCKET"], !named.isEmpty { return [named] }
        let own = userFolder(environment).map { $0 + "/undertone.sock" }
        return (own.map { [$0] } ?? []) + ["/run/undertone/undertone.sock"]
    }

    /// The paths of the control socket to try: one next to each events socket.
    public static func control(explicit: String?, environment: [String: String]) -> [String] {
        events(explicit: explicit, environment: environment).map(EventServerSettings.controlPath(beside:))
    }

    /// Default path of a daemon's socket: in the user's runtime folder, or in the system's if there is none.
    public static func standard(environment: [String: String]) -> String {
        (userFolder(environment) ?? "/run/undertone") + "/undertone.sock"
    }

    private static func userFolder(_ environment: [String: String]) -> String? {
        environment["XDG_RUNTIME_DIR"].flatMap { $0.isEmpty ? nil : $0 + "/undertone" }
    }
}
