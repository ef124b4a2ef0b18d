// SPDX-License-Identifier: Apache-2.0
import MessagePassing
import Testing

/// A single process only; `tools/test-mpi` starts several and tests their communication.
struct ProcessGroupTests {
    @Test(arguments: [1, 2, 3, 7], [7, 8, 32, 41])
    func everyRowIsInOneShareAndSharesAreEven(count: Int, rows: Int) {
        let shares = (0..<count).map { ProcessGroup(rank: $0, count: count).share(of: rows) }
        #expect(shares.flatMap { Array($0) } == Array(0..<rows))
        let sizes = shares.map(\.count)
        #expect(sizes.allSatisfy { $0 >= rows / count && $0 <= rows / count + 1 })
    }

    @Test(arguments: [[:], ["OMPI_COMM_WORLD_SIZE": "1"], ["PMI_SIZE": "1", "PMIX_RANK": "0"]])
    func aProcessWithoutMpirunIsAlone(_ environment: [String: String]) throws {
        let group = try ProcessGroup.launched(environment: environment)
        #expect(group.rank == 0 && group.count == 1 && group.isFirst)
        _ = try ProcessGroup.single(environment: environment)
    }

    @Test(arguments: [["OMPI_COMM_WORLD_SIZE": "2"], ["PMI_SIZE": "3"], ["PMIX_RANK": "0"]])
    func commandsForOneProcessRefuseSeveral(_ environment: [String: String]) throws {
        let error = try #require(throws: MessagePassingError.self) {
            try ProcessGroup.single(environment: environment)
        }
        #expect(error.description.contains("start it without mpirun"))
    }

    #if !MPI
        @Test func withoutMPISeveralProcessesAreRefused() throws {
            let error = try #require(throws: MessagePassingError.self) {
                try ProcessGroup.launched(environment: ["OMPI_COMM_WORLD_SIZE": "2"])
            }
            #expect(error.description.contains("built without MPI"))
        }
    #endif

    @Test func aSingleProcessChangesNothingAndDoesNotWait() throws {
        var numbers: [Float] = [1, 2]
        try numbers.withUnsafeMutableBufferPointer { try ProcessGroup.alone.sum($0) }
        try ProcessGroup.alone.wait()
        #expect(numbers == [1, 2])
        #expect(try ProcessGroup.alone.agreed(true))
        #expect(try !ProcessGroup.alone.agreed(false))
    }
}
