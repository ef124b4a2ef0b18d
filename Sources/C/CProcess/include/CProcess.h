// SPDX-License-Identifier: Apache-2.0
#ifndef CPROCESS_H
#define CPROCESS_H

/// Keeps the kernel from writing this process's memory to a core file and other processes of the same user from
/// reading it. Returns 0, or -1 with errno. A function in C because Swift cannot call the variadic prctl(2).
int process_forbid_dumps(void);

/// One arena for all threads, and blocks of 128 KiB and more in mappings of their own, for good.
void process_keep_memory_flat(void);

/// Gives freed memory back to the system. In C because Swift does not see what is GNU's own.
void process_give_back_memory(void);

/// Gives the calling thread real-time priority (SCHED_FIFO, 1...99) until it runs for 200 ms without waiting once: then
/// SIGXCPU comes, and it goes on as an ordinary thread. Returns 0, or an errno.
int process_begin_real_time(int priority);

/// Whether the calling thread had real-time priority and lost it.
int process_lost_real_time(void);

#endif
