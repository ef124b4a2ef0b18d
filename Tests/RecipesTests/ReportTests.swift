// SPDX-License-Identifier: Apache-2.0
import Foundation
import FoundationXML
import Recipes
import Testing

/// Whether `page` is well-formed XML, and every address that it names.
func addresses(in page: String) throws -> [String] {
    let collector = AddressCollector()
    let parser = XMLParser(data: Data(page.replacingOccurrences(of: "<!DOCTYPE html>\n", with: "").utf8))
    parser.delegate = collector
    try #require(parser.parse(), "the page is not well-formed: \(String(describing: parser.parserError))")
    return collector.addresses
}

private final class AddressCollector: NSObject, XMLParserDelegate {
    var addresses: [String] = []

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        addresses += ["src", "href", "data", "action"].compactMap { attributes[$0] }
        if ["script", "link", "iframe", "img"].contains(name) { addresses.append(name) }
    }
}

struct ReportTests {
    private func run(_ files: [String: String]) throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString)")
        for (name, text) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        return folder
    }

    @Test func aRunWithoutFiguresStillHasAPageAndNothingInItIsMarkup() throws {
        let epoch = """
            {"epoch":{"part":"fold-0","stage":"a","epoch":1,"of":2,"loss":1.5,"cpuSeconds":1,"learningRate":0.01,"figures":{}}}
            """
        let folder = try run([
            "recipe.json": "{\"name\": \"</pre><script>alert(1)</script> & \u{1}\"}",
            "fold-0/log.jsonl": epoch + "\n{\"epoch\":{\"pa",
        ])
        defer { try? FileManager.default.removeItem(at: folder) }
        let page = try RunReport(run: folder).html
        #expect(try addresses(in: page).isEmpty)
        #expect(!page.contains("<script") && page.contains("&lt;script&gt;"))
        #expect(page.contains("has not been evaluated yet") && page.contains("Last values: fold-0 1.500."))
    }

    @Test func whatIsNoRunIsNamed() throws {
        let folder = try run(["other.txt": ""])
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: RecipeError.self) { try RunReport(run: folder) }
    }

    @Test func damagedFiguresAreNamedAndNotLeftOut() throws {
        let folder = try run(["recipe.json": "{}", "evaluation.json": "{\"version\": 2"])
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            _ = try RunReport(run: folder)
            Issue.record("damaged figures were taken")
        } catch {
            #expect(
                String(describing: error).contains("evaluation.json: it is damaged or of another version")
            )
        }
    }
}
