// SPDX-License-Identifier: Apache-2.0
#ifndef CPROCESS_H
#define CPROCESS_H

/// Prevents the kernel from writing this process's memory to a core file, and other processes of the same user from
/// reading it. Returns 0, or -1 with errno. In C, because Swift cannot call the variadic prctl(2).
int process_forbid_dumps(void);

/// Uses one arena for all threads, and separate mappings for all blocks of 128 KiB and more.
void process_keep_memory_flat(void);

/// Returns freed memory to the system. In C, because Swift does not import GNU extensions.
void process_give_back_memory(void);

/// Gives the calling thread real-time priority (SCHED_FIFO, 1...99). If the thread runs for 200 ms without waiting once,
/// SIGXCPU arrives and it continues as an ordinary thread. Returns 0, or an errno.
int process_begin_real_time(int priority);

/// True if the calling thread had real-time priority and lost it.
int process_lost_real_time(void);

#endif
