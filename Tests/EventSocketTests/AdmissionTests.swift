// SPDX-License-Identifier: Apache-2.0
import EventSocket
import Testing

@Suite struct AdmissionTests {
    private let alice = PeerIdentity(userID: 1_000, processID: 1)
    private let bob = PeerIdentity(userID: 1_001, processID: 2)

    private func code(_ admission: inout Admission, _ peer: PeerIdentity?) -> RequestError.Code? {
        do {
            _ = try admission.admit(peer)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func aUserHasAtMostItsLimitOfClients() {
        var admission = Admission(maximumClients: 10, maximumClientsPerUser: 2)
        #expect(code(&admission, alice) == nil && code(&admission, alice) == nil)
        #expect(code(&admission, alice) == .tooManyClients && code(&admission, bob) == nil)
        admission.release(alice)
        #expect(code(&admission, alice) == nil && code(&admission, alice) == .tooManyClients)
    }

    @Test func allUsersTogetherHaveNoMoreThanTheTotal() {
        var admission = Admission(maximumClients: 2, maximumClientsPerUser: 2)
        #expect(code(&admission, alice) == nil && code(&admission, bob) == nil)
        #expect(code(&admission, bob) == .tooManyClients)
        admission.release(alice)
        #expect(code(&admission, bob) == nil)
    }

    @Test func onlyTheOwnerAndRootMayGiveCommands() {
        var admission = Admission(maximumClients: 9, maximumClientsPerUser: 9, onlyUser: 1_000)
        #expect(code(&admission, alice) == nil && code(&admission, bob) == .notPermitted)
        #expect(code(&admission, PeerIdentity(userID: 0, processID: 3)) == nil)
    }

    @Test func aPeerOfUnknownUserIsRefused() {
        var admission = Admission(maximumClients: 9, maximumClientsPerUser: 9)
        #expect(code(&admission, nil) == .notPermitted)
    }
}
