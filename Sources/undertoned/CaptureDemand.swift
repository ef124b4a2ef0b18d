// SPDX-License-Identifier: Apache-2.0
import LiveListening
import Synchronization

/// Opens the microphone while it is needed: always, or while clients have subscriptions. Any thread.
final class CaptureDemand: Sendable {
    private struct State {
        var isAlways: Bool
        var subscriptions = 0
    }

    private let listener: LiveListener
    private let state: Mutex<State>

    init(_ listener: LiveListener, isAlways: Bool) {
        self.listener = listener
        state = Mutex(State(isAlways: isAlways))
        change { _ in }
    }

    func set(isAlways: Bool) { change { $0.isAlways = isAlways } }
    func set(subscriptions: Int) { change { $0.subscriptions = subscriptions } }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            listener.want(state.isAlways || state.subscriptions > 0)
        }
    }
}
