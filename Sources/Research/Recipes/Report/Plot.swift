// SPDX-License-Identifier: Apache-2.0

/// A drawing area with two axes. Numbers go in, places in pixels come out.
struct Plot {
    /// One axis: the numbers at its ends and those that are written.
    struct Axis {
        let title: String
        let range: ClosedRange<Double>
        let ticks: [(value: Double, label: String)]

        /// From 0 or the smallest value to the largest, with four to eight round ticks.
        init(_ title: String, values: [Double], fromZero: Bool = true, to top: Double? = nil) {
            let finite = values.filter(\.isFinite)
            let low = fromZero ? 0 : finite.min() ?? 0
            let high = max(top ?? finite.max() ?? 1, low + 1e-9)
            let step = Self.roundStep((high - low) / 5)
            self.title = title
            let first = (low / step).rounded(.down)
            let last = (high / step).rounded(.up)
            range = first * step...max(last * step, first * step + step)
            ticks = stride(from: first, through: last, by: 1).map {
                ($0 * step, Self.label($0 * step, step: step))
            }
        }

        /// Named places, one unit apart.
        init(_ title: String, names: [String]) {
            self.title = title
            range = -0.5...max(0.5, Double(names.count) - 0.5)
            ticks = names.enumerated().map { (Double($0), $1) }
        }

        private static func roundStep(_ step: Double) -> Double {
            var power = 1.0
            while power * 10 <= step { power *= 10 }
            while power > step { power /= 10 }
            return power * ([1, 2, 5, 10].first { $0 * power >= step * 0.999 } ?? 10)
        }

        private static func label(_ value: Double, step: Double) -> String {
            var decimals = 0
            var scale = 1.0
            while step * scale < 0.999, decimals < 6 {
                scale *= 10
                decimals += 1
            }
            let units = Int((abs(value) * scale).rounded())
            let whole = "\(value < 0 && units > 0 ? "-" : "")\(units / Int(scale))"
            guard decimals > 0 else { return whole }
            let rest = String(units % Int(scale))
            return whole + "." + String(repeating: "0", count: decimals - rest.count) + rest
        }
    }

    static let size = (width: 520.0, height: 300.0)
    private static let margin = (left: 72.0, right: 14.0, top: 12.0, bottom: 48.0)
    /// Told apart also by those who see no red or no green (Okabe & Ito 2008).
    private static let colours = [
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#b8a900",
    ]

    let x: Axis
    let y: Axis
    private(set) var marks: [Markup] = []

    init(x: Axis, y: Axis) { (self.x, self.y) = (x, y) }

    static func colour(_ index: Int) -> String { colours[index % colours.count] }

    func place(_ point: (Double, Double)) -> (x: Double, y: Double) {
        let width = Self.size.width - Self.margin.left - Self.margin.right
        let height = Self.size.height - Self.margin.top - Self.margin.bottom
        let across = (point.0 - x.range.lowerBound) / (x.range.upperBound - x.range.lowerBound)
        let up = (point.1 - y.range.lowerBound) / (y.range.upperBound - y.range.lowerBound)
        return (Self.margin.left + across * width, Self.margin.top + (1 - up) * height)
    }

    mutating func line(_ points: [(Double, Double)], colour: String, isDashed: Bool = false) {
        let path = points.map(place).map { "\(pixels($0.x)),\(pixels($0.y))" }.joined(separator: " ")
        marks.append(
            Markup(
                "polyline",
                [
                    "points": path, "fill": "none", "stroke": colour, "stroke-width": "1.8",
                    "stroke-dasharray": isDashed ? "5 4" : "none",
                ]
            )
        )
    }

    /// A dot that tells its value when it is pointed at.
    mutating func dot(_ point: (Double, Double), colour: String, radius: Double = 3, _ words: String) {
        let place = place(point)
        marks.append(
            Markup(
                "circle",
                ["cx": pixels(place.x), "cy": pixels(place.y), "r": pixels(radius), "fill": colour],
                [.words("title", words)]
            )
        )
    }

    /// A bar from the axis up to `value`.
    mutating func bar(from left: Double, to right: Double, value: Double, colour: String, _ words: String) {
        let (top, foot) = (place((left, value)), place((right, max(0, y.range.lowerBound))))
        marks.append(
            Markup(
                "rect",
                [
                    "x": pixels(top.x), "y": pixels(top.y), "width": pixels(foot.x - top.x),
                    "height": pixels(max(0, foot.y - top.y)), "fill": colour,
                ],
                [.words("title", words)]
            )
        )
    }

    /// The drawing; `summary` is for those who cannot see it.
    func drawing(_ title: String, summary: String) -> Markup {
        Markup(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "role": "img",
                "viewBox": "0 0 \(pixels(Self.size.width)) \(pixels(Self.size.height))",
            ],
            [.words("title", title), .words("desc", summary)] + axes + marks
        )
    }

    private var axes: [Markup] {
        let (left, bottom) = (Self.margin.left, Self.size.height - Self.margin.bottom)
        let lines = y.ticks.flatMap { tick in
            let height = place((x.range.lowerBound, tick.value)).y
            return [
                Markup(
                    "line",
                    [
                        "x1": pixels(left), "x2": pixels(Self.size.width - Self.margin.right),
                        "y1": pixels(height), "y2": pixels(height), "class": "grid",
                    ]
                ),
                label(tick.label, (left - 6, height + 4), anchor: "end"),
            ]
        }
        let marks = x.ticks.map { label($0.label, (place(($0.value, y.range.lowerBound)).x, bottom + 16)) }
        let middle = (left + Self.size.width - Self.margin.right) / 2
        return lines + marks + [
            label(x.title, (middle, Self.size.height - 8)),
            .words(
                "text",
                ["transform": "translate(13 \(pixels(bottom / 2))) rotate(-90)", "text-anchor": "middle"],
                y.title
            ),
        ]
    }

    private func label(_ words: String, _ place: (Double, Double), anchor: String = "middle") -> Markup {
        .words("text", ["x": pixels(place.0), "y": pixels(place.1), "text-anchor": anchor], words)
    }
}
