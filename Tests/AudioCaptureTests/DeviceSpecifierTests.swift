// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import Testing

@Suite struct DeviceSpecifierTests {
    @Test(arguments: [
        ("default", DeviceSpecifier.systemDefault), ("pulse", .pulse(source: nil)),
        ("pulse:alsa_input.usb-Jabra", .pulse(source: "alsa_input.usb-Jabra")),
        ("alsa:plughw:CARD=PCH,DEV=0", .alsa(device: "plughw:CARD=PCH,DEV=0")),
        ("file:/tmp/a:b.wav", .file(path: "/tmp/a:b.wav")), ("stdin", .standardInput),
        ("tone", .tone(frequencyHz: 440)), ("tone:261.6", .tone(frequencyHz: 261.6)),
    ])
    func eachFormIsRead(text: String, meaning: DeviceSpecifier) throws {
        #expect(try DeviceSpecifier(text) == meaning)
    }

    @Test(arguments: [
        "", ":", "alsa", "alsa:", "pulse:", "file:", "stdin:x", "default:x", "tone:", "tone:nan", "tone:0",
        "tone:1e99",
        "hw:0", "Pulse",
    ])
    func anInvalidSpecifierIsAUsageErrorThatQuotesIt(text: String) {
        let error = #expect(throws: CaptureError.self) { try DeviceSpecifier(text) }
        #expect(error?.kind == .badSpecifier)
        #expect(error?.kind.category == .usage)
        #expect(error?.description.contains("'\(text)'") == true)
    }

    @Test(arguments: [("mix", ChannelChoice.mix), ("1", .only(1)), ("8", .only(8))])
    func aChannelIsMixOrANumberFromOneToEight(text: String, choice: ChannelChoice) {
        #expect(ChannelChoice(text) == choice)
        #expect(ChannelChoice(text + "9") == nil)
    }
}
