// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <mpi.h>

// Open MPI's communicators and types are macros with casts, which Swift cannot import; so they are used here.

/// Joins the group that mpirun started. From then on errors are returned as codes and do not end the process.
static inline int undertone_mpi_start(int *threads) {
    int code = MPI_Init_thread(0, 0, MPI_THREAD_SERIALIZED, threads);
    return code == MPI_SUCCESS ? MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN) : code;
}

/// True if different threads may make calls, one at a time.
static inline int undertone_mpi_is_serialized(int threads) { return threads >= MPI_THREAD_SERIALIZED; }

static inline int undertone_mpi_rank(int *rank) { return MPI_Comm_rank(MPI_COMM_WORLD, rank); }

static inline int undertone_mpi_size(int *size) { return MPI_Comm_size(MPI_COMM_WORLD, size); }

static inline int undertone_mpi_sum(float *numbers, int count) {
    return MPI_Allreduce(MPI_IN_PLACE, numbers, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
}

static inline int undertone_mpi_broadcast(void *bytes, int count) {
    return MPI_Bcast(bytes, count, MPI_BYTE, 0, MPI_COMM_WORLD);
}

static inline int undertone_mpi_barrier(void) { return MPI_Barrier(MPI_COMM_WORLD); }

static inline int undertone_mpi_finish(void) { return MPI_Finalize(); }

/// Writes the text of `code` to `text`, which must have room for MPI_MAX_ERROR_STRING characters.
static inline int undertone_mpi_text(int code, char *text) {
    int length = 0;
    return MPI_Error_string(code, text, &length);
}
