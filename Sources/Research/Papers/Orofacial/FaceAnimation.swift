// SPDX-License-Identifier: Apache-2.0
package import Corpora
import Recipes

/// An animated SVG of two faces side by side for a few seconds, the tracked one and the one made from speech, with the
/// curve of the jaw below. Any browser plays it.
///
/// The faces are schematic: the jaw unit opens the mouth, funneler and puckerer narrow it, each scaled by its range in
/// the true movement.
package struct FaceAnimation {
    private let truth: [[Double]]
    private let prediction: [[Double]]
    private let seconds: Double
    private static let size = (width: 520.0, height: 330.0)

    /// - Parameters:
    ///   - truth: row-major `[frames, units]`.
    ///   - prediction: the same frames.
    ///   - units: names of the columns.
    ///   - framesPerSecond: of both.
    package init(truth: [Float], prediction: [Float], units: [ActionUnit], framesPerSecond: Double) {
        let width = max(1, units.count)
        func opening(_ rows: [Float], _ unit: ActionUnit) -> [Double] {
            guard let column = units.firstIndex(of: unit) else {
                return Array(repeating: 0, count: rows.count / width)
            }
            return stride(from: column, to: rows.count, by: width).map { max(0, Double(rows[$0])) }
        }
        func movements(_ rows: [Float]) -> [[Double]] {
            let rounding = zip(opening(rows, .lipFunneler), opening(rows, .lipPuckerer)).map { $0 + $1 }
            return [opening(rows, .jawDrop), rounding]
        }
        let (own, made) = (movements(truth), movements(prediction))
        let tops = own.map { max(0.1, $0.max() ?? 0) }
        self.truth = zip(own, tops).map { curve, top in curve.map { min(1, $0 / top) } }
        self.prediction = zip(made, tops).map { curve, top in curve.map { min(1, $0 / top) } }
        seconds = Double(truth.count / width) / framesPerSecond
    }

    /// The whole drawing.
    package var svg: String {
        let (width, height) = (pixels(Self.size.width), pixels(Self.size.height))
        return Markup(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(width) \(height)", "role": "img",
                "font-family": "sans-serif", "font-size": "14",
            ],
            [
                Markup("rect", ["width": width, "height": height, "fill": "#ffffff"]),
                face(at: 140, truth, colour: "#0072b2", name: "tracked"),
                face(at: 380, prediction, colour: "#d55e00", name: "from speech"),
                curve(truth[0], colour: "#0072b2"), curve(prediction[0], colour: "#d55e00"), cursor,
                Markup("text", ["x": "20", "y": "242", "fill": "#444444"], [Markup("jaw")]),
            ]
        ).text + "\n"
    }

    private func face(at x: Double, _ curves: [[Double]], colour: String, name: String) -> Markup {
        let middle = pixels(x)
        func eye(_ side: Double) -> Markup {
            Markup("circle", ["cx": pixels(x + side * 28), "cy": "82", "r": "6", "fill": colour])
        }
        let mouth = Markup(
            "ellipse",
            ["cx": middle, "cy": "140", "rx": "26", "ry": "2", "fill": colour],
            [
                animate("ry", curves[0].map { 2 + 22 * $0 }),
                animate("rx", curves[1].map { 28 - 16 * $0 }),
            ]
        )
        let outline: KeyValuePairs = [
            "cx": middle, "cy": "105", "rx": "72", "ry": "90", "fill": "none", "stroke": colour,
            "stroke-width": "3",
        ]
        return Markup(
            "g",
            [:],
            [
                Markup("ellipse", outline), eye(-1), eye(1), mouth,
                Markup(
                    "text",
                    ["x": middle, "y": "218", "text-anchor": "middle", "fill": colour],
                    [Markup(name)]
                ),
            ]
        )
    }

    private func curve(_ values: [Double], colour: String) -> Markup {
        let points = values.enumerated().map { index, value in
            let x = 20 + 480 * Double(index) / Double(max(1, values.count - 1))
            return "\(pixels(x)),\(pixels(320 - 70 * value))"
        }
        return Markup(
            "polyline",
            [
                "points": points.joined(separator: " "), "fill": "none", "stroke": colour,
                "stroke-width": "2",
            ]
        )
    }

    private var cursor: Markup {
        Markup(
            "line",
            ["x1": "20", "x2": "20", "y1": "245", "y2": "325", "stroke": "#999999"],
            [animate("x1", [20, 500]), animate("x2", [20, 500])]
        )
    }

    private func animate(_ attribute: String, _ values: [Double]) -> Markup {
        Markup(
            "animate",
            [
                "attributeName": attribute, "values": values.map(pixels).joined(separator: ";"),
                "dur": "\(pixels(seconds))s", "repeatCount": "indefinite",
            ]
        )
    }
}
