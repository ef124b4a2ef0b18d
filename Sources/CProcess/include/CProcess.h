// SPDX-License-Identifier: Apache-2.0
#ifndef CPROCESS_H
#define CPROCESS_H

/// Keeps the kernel from writing this process's memory to a core file and other processes of the same user from
/// reading it. Returns 0, or -1 with errno. A function in C because Swift cannot call the variadic prctl(2).
int process_forbid_dumps(void);

#endif
