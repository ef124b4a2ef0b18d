// SPDX-License-Identifier: Apache-2.0
import Foundation
import Recipes
import Testing

struct RecipePlacesTests {
    private let places = RecipePlaces(programFolder: "/opt/voice/bin")

    private func paths(_ name: String, _ kind: RecipePlaces.Kind = .recipes) -> [String] {
        places.candidates(name, kind).map(\.relativePath)
    }

    @Test func aBareNameIsAFileThenOfTheCheckoutThenInstalled() {
        for name in ["free", "free.yaml"] {
            #expect(
                paths(name)
                    == [name, "configs/recipes/free.yaml", "/opt/voice/share/undertone/recipes/free.yaml"]
            )
        }
        #expect(paths("lines", .ablations).last == "/opt/voice/share/undertone/ablations/lines.yaml")
    }

    @Test func aPathIntoTheCheckoutIsFoundWithoutOne() {
        #expect(
            paths("configs/recipes/default.yaml")
                == ["configs/recipes/default.yaml", "/opt/voice/share/undertone/recipes/default.yaml"]
        )
    }

    @Test(arguments: ["/tmp/mine.yaml", "./free", "../recipes/free.yaml", "configs/recipes/", ""])
    func anyOtherPathMeansItself(path: String) {
        #expect(places.candidates(path) == [URL(filePath: path)])
    }

    @Test func theInstalledRecipeIsTakenWhereNothingElseIs() throws {
        let prefix = FileManager.default.temporaryDirectory.appending(path: "places-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: prefix) }
        let recipes = prefix.appending(path: "share/undertone/recipes")
        try FileManager.default.createDirectory(at: recipes, withIntermediateDirectories: true)
        let file = recipes.appending(path: "only-installed.yaml")
        try "name: x".write(to: file, atomically: true, encoding: .utf8)
        let places = RecipePlaces(programFolder: prefix.appending(path: "bin").path)
        #expect(places.file(named: "only-installed").path == file.path)
        #expect(places.file(named: "nowhere").lastPathComponent == "nowhere")
    }
}
