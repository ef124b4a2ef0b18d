// SPDX-License-Identifier: Apache-2.0
import CProcess

/// Memory that this process holds but no longer needs.
public enum ProcessMemory {
    /// Makes freed memory return to the system: one arena for all threads, and separate mappings for large blocks.
    /// Without it the memory of a daemon that reloads its model once a day grows for weeks. Call it before other
    /// threads start. The threads that must not wait for a lock allocate nothing.
    public static func keepFlat() { process_keep_memory_flat() }

    /// Returns freed memory to the system. Call it after large blocks were freed, never in the steady state.
    public static func giveBack() { process_give_back_memory() }
}
