// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
public import FuzzInvariants

/// Requests from a client to either socket, lines that a client reads, and the JSON of both.
public let requestInputs = [
    HostileInput("json", feedJSON),
    HostileInput("request", feedRequest),
    HostileInput("answer", feedAnswer),
]

/// The first byte chooses the socket, and how the rest is split, if at all.
private func feedRequest(_ bytes: [UInt8]) throws(BrokenPromise) {
    guard let choice = bytes.first else { return }
    let stream = bytes[1...]
    var whole = LineFramer()
    let pieces = whole.append(stream)
    if choice & 2 != 0 {
        let isSame = pieces == cut(stream, by: 1 + Int(choice >> 2))
        try promise(isSame, "the split of the stream changes its lines")
    }
    let role: SocketRole = choice & 1 == 0 ? .events : .control
    let parser = RequestParser(role: role, modelLabels: ["angry", "happy"], modelAttributes: ["arousal"])
    for case .line(let line) in pieces {
        try promise(line.count <= LineFramer.maximumLength, "a line is longer than the limit")
        switch Result(catching: { () throws(RequestError) in try parser.parse(line) }) {
        case .success(let request): try check(request, parser, line)
        case .failure(let error): try check(error, line)
        }
    }
}

private func cut(_ stream: ArraySlice<UInt8>, by length: Int) -> [LineFramer.Piece] {
    var framer = LineFramer()
    return stride(from: stream.startIndex, to: stream.endIndex, by: length).flatMap {
        framer.append(stream[$0..<min($0 + length, stream.endIndex)])
    }
}

/// A request has the number in its line, and a subscription is the same when it is written and read again.
private func check(_ request: NumberedRequest, _ parser: RequestParser, _ line: [UInt8]) throws(BrokenPromise)
{
    try promise(request.id == number(in: line), "a request has a number that is not in its line")
    try plantedBug(when: (6...99).contains(request.id ?? 0))
    guard case .subscribe(let options) = request.request else { return }
    // Numbers are written rounded, so the comparison starts with the written form.
    let once = try said(options, parser)
    try promise(try said(once, parser) == once, "a subscription changes when it is written and read again")
}

private func said(_ options: SubscriptionOptions, _ parser: RequestParser) throws(BrokenPromise)
    -> SubscriptionOptions
{
    var writer = JSONWriter()
    writer.beginObject()
    writer.field("type", "subscribe")
    options.write(to: &writer)
    writer.endObject()
    guard case .subscribe(let again)? = try? parser.parse(writer.bytes).request else {
        throw BrokenPromise(description: "a subscription that was accepted is refused when written again")
    }
    return again
}

/// A refusal is one line that a client can read, with the number of the request.
private func check(_ error: RequestError, _ line: [UInt8]) throws(BrokenPromise) {
    if let id = error.id {
        try promise(id == number(in: line), "an error has a number that is not in its request")
    }
    var answer = ServerLines.error(error)
    try promise(answer.popLast() == UInt8(ascii: "\n"), "an error's line does not end")
    try promise(!answer.contains(UInt8(ascii: "\n")), "an error has two lines")
    guard let message = try? ServerMessage(answer) else {
        throw BrokenPromise(description: "no client can read an error")
    }
    try promise(message["message"]?.string == error.message, "an error's message changes on its way")
}

private func number(in line: [UInt8]) -> Int? { (try? JSONValue(parsing: line))?["id"]?.integer }

/// The contents that a client decodes from a line are in the line.
private func feedAnswer(_ bytes: [UInt8]) throws(BrokenPromise) {
    guard let message = try? ServerMessage(bytes) else { return }
    try promise(message.text.utf8.elementsEqual(bytes), "a line was accepted that is not UTF-8")
    try plantedBug(when: message.type.hasPrefix("bug"))
    guard let hello = try? Hello(message) else { return }
    try promise(message.type == "hello", "another message was accepted as a hello")
    try promise(hello.labels.count <= bytes.count, "a hello has more labels than bytes")
}
