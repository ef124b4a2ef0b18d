// SPDX-License-Identifier: Apache-2.0
#if MPI
    import COpenMPI

    extension ProcessGroup {
        /// Joins the group. Once in a process.
        static func joined() throws(MessagePassingError) -> ProcessGroup {
            var threads: Int32 = 0
            try check("MPI_Init_thread", undertone_mpi_start(&threads))
            guard undertone_mpi_is_serialized(threads) != 0 else {
                throw .failed(call: "MPI_Init_thread", reason: "this MPI library serves only one thread")
            }
            var (rank, count): (Int32, Int32) = (0, 0)
            try check("MPI_Comm_rank", undertone_mpi_rank(&rank))
            try check("MPI_Comm_size", undertone_mpi_size(&count))
            return ProcessGroup(rank: Int(rank), count: Int(count))
        }

        /// Replaces each number by the sum over all processes; all get the same bits.
        public func sum(_ numbers: UnsafeMutableBufferPointer<Float>) throws(MessagePassingError) {
            guard count > 1, let first = numbers.baseAddress else { return }
            try Self.check("MPI_Allreduce", undertone_mpi_sum(first, Int32(numbers.count)))
        }

        /// Waits until all processes have made this call.
        public func wait() throws(MessagePassingError) {
            if count > 1 { try Self.check("MPI_Barrier", undertone_mpi_barrier()) }
        }

        /// Leaves the group; the last call.
        public func finish() throws(MessagePassingError) {
            if count > 1 { try Self.check("MPI_Finalize", undertone_mpi_finish()) }
        }

        func broadcast(_ byte: inout UInt8) throws(MessagePassingError) {
            if count > 1 { try Self.check("MPI_Bcast", undertone_mpi_broadcast(&byte, 1)) }
        }

        private static func check(_ call: String, _ code: Int32) throws(MessagePassingError) {
            guard code != MPI_SUCCESS else { return }
            var text = [CChar](repeating: 0, count: Int(MPI_MAX_ERROR_STRING) + 1)
            let isKnown = undertone_mpi_text(code, &text) == MPI_SUCCESS
            let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw .failed(
                call: call,
                reason: isKnown ? String(decoding: bytes, as: UTF8.self) : "code \(code)"
            )
        }
    }
#endif
