// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The rules of `PrivacyTests` find every kind of offence.
@Suite struct PrivacyJudgeTests {
    private static let samples = (0..<8_000).map { (sin(Float($0) * 0.3) * 9_000).rounded() / 32_768 }
    private static let voice = KnownVoice(samples)
    private static let judge = PrivacyJudge(socketPath: "/tmp/a/undertone.sock", voice: voice)

    @Test(arguments: [
        #"7 write(23<pipe:[7]>, "W", 1) = 1"#,
        #"7 write(4<anon_inode:[eventfd]>, "\x01\x00\x00\x00\x00\x00\x00\x00", 8 <unfinished ...>"#,
        #"7 sendto(30<UNIX-STREAM:[6->5,"/tmp/a/undertone.sock~"]>, "{\"type\":\"ack\",\"id\":1}\n", 21, 0) = 21"#,
        #"7 sendto(24<UNIX-STREAM:[6->5]>, "\x4c\x00\x00", 3, 0, NULL, 0) = 3"#,
        #"7 write(2<pipe:[9]>, "12:00:00 notice ready\n", 22) = 22"#,
        #"7 openat(AT_FDCWD</tmp/a>, "/tmp/a/undertone.sock.lock", O_RDWR|O_CREAT, 0600) = 12</tmp/a/x>"#,
        #"7 openat(AT_FDCWD</tmp/a>, "/etc/passwd", O_RDONLY) = 12</etc/passwd>"#,
        "7 socket(AF_UNIX, SOCK_STREAM, 0) = 3",
        "7 +++ exited with 0 +++", "7 <... write resumed>) = 8",
    ])
    func callsThatTheDaemonNeedsAreAllowed(line: String) {
        #expect(Self.judge.offences(in: PrivacyTrace(line)) == [])
    }

    @Test(arguments: [
        #"7 write(23<pipe:[7]>, "WW", 2) = 2"#,
        #"7 write(5</tmp/voice.wav>, "RIFF", 4) = 4"#,
        #"7 pwrite64(5</tmp/voice.wav>, "RIFF", 4, 0) = 4"#,
        #"7 sendto(30<UNIX-STREAM:[6->5,"/tmp/a/undertone.sock"]>, "{\"type\":\"sound\"}\n", 17, 0) = 17"#,
        #"7 sendto(30<UNIX-STREAM:[6->5,"/tmp/a/undertone.sock"]>, "{\"type\":\"ack\",\"f\":[1,2,3]}\n", 9, 0) = 9"#,
        #"7 sendto(30<UNIX-STREAM:[6->5,"/tmp/a/undertone.sock"]>, "{\"type\":\"ack\"", 13, 0) = 13"#,
        #"7 openat(AT_FDCWD</tmp/a>, "/tmp/voice.wav", O_WRONLY|O_CREAT|O_TRUNC, 0600) = 12"#,
        #"7 openat(AT_FDCWD</tmp/a>, "/dev/shm/voice", O_RDWR|O_CREAT, 0600) = 12"#,
        #"7 memfd_create("voice", 0) = 12"#,
        "7 socket(AF_INET, SOCK_STREAM, 0) = 3",
        "7 socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) = 3",
        "7 io_uring_setup(8, {}) = 3",
        #"7 execve("/bin/sh", ["sh"], 0x7ffe) = 0"#,
    ])
    func aCallThatCouldSendAudioIsFound(line: String) {
        #expect(Self.judge.offences(in: PrivacyTrace(line)).count == 1)
    }

    @Test(arguments: [0, 1, 100, 3_333], [SoundForm.s16, .float])
    func theVoiceIsFoundWhereverItBegins(first: Int, form: SoundForm) {
        let bytes = [7, 7, 7] + [0] + form.bytes(Array(Self.samples[first..<first + 480]))
        #expect(Self.voice.longestStretch(in: bytes) >= 480)
        let text = bytes.map { "\\x" + String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
        let trace = PrivacyTrace("7 sendto(24<UNIX-STREAM:[6->5]>, \"\(text)\", 3, 0, NULL, 0) = 3")
        #expect(trace.calls.first?.bytes == bytes)
        #expect(Self.judge.offences(in: trace).first?.hasPrefix("the voice") == true)
    }

    @Test func anotherVoiceIsNotFound() {
        let other = Self.samples.map { -$0 * 0.7 }
        #expect(Self.voice.longestStretch(in: SoundForm.s16.bytes(other)) == 0)
        #expect(Self.voice.longestStretch(in: SoundForm.float.bytes(other)) == 0)
    }

    /// Encoding of a sample in memory.
    enum SoundForm: CaseIterable {
        case s16, float

        func bytes(_ samples: [Float]) -> [UInt8] {
            switch self {
            case .s16: samples.flatMap { withUnsafeBytes(of: Int16($0 * 32_768)) { Array($0) } }
            case .float: samples.flatMap { withUnsafeBytes(of: $0) { Array($0) } }
            }
        }
    }
}
