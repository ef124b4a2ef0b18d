// SPDX-License-Identifier: Apache-2.0

/// What a patch of an image is.
public struct PatchGeometry: Sendable {
    let width: Int
    let inputs: Int
    let outputs: Int
    let kernel: Int
    let stride: Int

    /// Numbers in a row of the image.
    var rowLength: Int { width * inputs }
    /// Numbers in a patch.
    var patchLength: Int { kernel * kernel * inputs }
    /// Columns of patches.
    var outputWidth: Int { (width + stride - 1) / stride }
    /// Rows of patches in an image of `height` rows.
    func outputHeight(of height: Int) -> Int { (height + stride - 1) / stride }

    /// The columns of the image that row `dy` of the patches at `column` sees, and where they begin in that row of the
    /// patch.
    func columns(at column: Int) -> (range: Range<Int>, offset: Int) {
        let first = column * stride - kernel / 2
        let start = max(0, first)
        return (start..<max(start, min(width, first + kernel)), start - first)
    }
}

/// The loops of ``Convolution2d``.
public protocol ImageLoops {
    /// Lays out the patches of one image `[height, width, inputs]` as rows `[kernel, kernel, inputs]`; zeros outside.
    static func patches(
        of image: UnsafePointer<Self>,
        height: Int,
        _ geometry: PatchGeometry,
        into patches: UnsafeMutablePointer<Self>
    )
    /// Adds each number of the patches to where in the image it came from.
    static func addPatches(
        _ patches: UnsafePointer<Self>,
        to image: UnsafeMutablePointer<Self>,
        height: Int,
        _ geometry: PatchGeometry
    )
}

extension TrainingScalar {
    /// The plain loop of ``ImageLoops/patches(of:height:_:into:)``.
    public static func patches(
        of image: UnsafePointer<Self>,
        height: Int,
        _ geometry: PatchGeometry,
        into patches: UnsafeMutablePointer<Self>
    ) {
        patches.clear(count: geometry.outputHeight(of: height) * geometry.outputWidth * geometry.patchLength)
        eachPiece(height, geometry) { place, patch, count in
            for index in 0..<count { patches[patch + index] = image[place + index] }
        }
    }

    /// The plain loop of ``ImageLoops/addPatches(_:to:height:_:)``.
    public static func addPatches(
        _ patches: UnsafePointer<Self>,
        to image: UnsafeMutablePointer<Self>,
        height: Int,
        _ geometry: PatchGeometry
    ) {
        eachPiece(height, geometry) { place, patch, count in
            for index in 0..<count { image[place + index] += patches[patch + index] }
        }
    }

    /// Every row of every patch as far as it lies in the image: where it begins in both, and how long it is.
    @inline(__always)
    private static func eachPiece(
        _ height: Int,
        _ g: PatchGeometry,
        _ body: (_ place: Int, _ patch: Int, _ count: Int) -> Void
    ) {
        for y in 0..<g.outputHeight(of: height) {
            for x in 0..<g.outputWidth {
                let patch = (y * g.outputWidth + x) * g.patchLength
                let (columns, offset) = g.columns(at: x)
                for dy in 0..<g.kernel {
                    let row = y * g.stride + dy - g.kernel / 2
                    guard row >= 0, row < height else { continue }
                    body(
                        (row * g.width + columns.lowerBound) * g.inputs,
                        patch + (dy * g.kernel + offset) * g.inputs,
                        columns.count * g.inputs
                    )
                }
            }
        }
    }
}
