// SPDX-License-Identifier: Apache-2.0
import CProcess

/// What this process holds and does not need.
public enum ProcessMemory {
    /// Gives memory that was freed back to the system. For moments after much was, never for the steady state.
    public static func giveBack() { process_give_back_memory() }
}
