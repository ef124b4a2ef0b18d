// SPDX-License-Identifier: Apache-2.0
import CProcess

/// What this process holds and does not need.
public enum ProcessMemory {
    /// Arranges that what is freed goes back to the system: one arena for all threads, and large blocks in mappings of
    /// their own. Without it the memory of a daemon that reloads its model once a day creeps for weeks. To be called
    /// before other threads start; the threads that must not wait for a lock allocate nothing.
    public static func keepFlat() { process_keep_memory_flat() }

    /// Gives memory that was freed back to the system. For moments after much was, never for the steady state.
    public static func giveBack() { process_give_back_memory() }
}
