// SPDX-License-Identifier: Apache-2.0
import CStepKernels

/// What a patch of an image is. Images are padded by half a kernel of zeros on every side before patches are taken.
public struct PatchGeometry: Sendable {
    let width: Int
    let inputs: Int
    let outputs: Int
    let kernel: Int
    let stride: Int

    /// Numbers in a row of the image.
    var rowLength: Int { width * inputs }
    /// Numbers in a row of the padded image.
    var paddedRowLength: Int { (width + kernel - 1) * inputs }
    /// Numbers in the padded image of `height` rows.
    func paddedCount(of height: Int) -> Int { (height + kernel - 1) * paddedRowLength }
    /// Where the image begins in the padded one.
    var start: Int { kernel / 2 * (paddedRowLength + inputs) }
    /// Numbers in one row of a patch.
    var pieceLength: Int { kernel * inputs }
    /// Numbers in a patch.
    var patchLength: Int { kernel * pieceLength }
    /// Columns of patches.
    var outputWidth: Int { (width + stride - 1) / stride }
    /// Rows of patches in an image of `height` rows.
    func outputHeight(of height: Int) -> Int { (height + stride - 1) / stride }
}

/// The loops of ``Conv2d``.
public protocol ImageLoops {
    /// Lays out the patches of one padded image as rows `[kernel, kernel, inputs]`.
    static func patches(
        of padded: UnsafePointer<Self>,
        rows: Int,
        _ geometry: PatchGeometry,
        into patches: UnsafeMutablePointer<Self>
    )
    /// Adds each number of the patches to where in the padded image it came from.
    static func addPatches(
        _ patches: UnsafePointer<Self>,
        to padded: UnsafeMutablePointer<Self>,
        rows: Int,
        _ geometry: PatchGeometry
    )
}

extension TrainingScalar {
    /// The plain loop of ``ImageLoops/patches(of:rows:_:into:)``.
    public static func patches(
        of padded: UnsafePointer<Self>,
        rows: Int,
        _ geometry: PatchGeometry,
        into patches: UnsafeMutablePointer<Self>
    ) {
        eachPiece(rows, geometry) { place, patch in
            for index in 0..<geometry.pieceLength { patches[patch + index] = padded[place + index] }
        }
    }

    /// The plain loop of ``ImageLoops/addPatches(_:to:rows:_:)``.
    public static func addPatches(
        _ patches: UnsafePointer<Self>,
        to padded: UnsafeMutablePointer<Self>,
        rows: Int,
        _ geometry: PatchGeometry
    ) {
        eachPiece(rows, geometry) { place, patch in
            for index in 0..<geometry.pieceLength { padded[place + index] += patches[patch + index] }
        }
    }

    /// Every row of every patch: where it begins in the padded image and in the patches.
    @inline(__always)
    private static func eachPiece(
        _ rows: Int,
        _ g: PatchGeometry,
        _ body: (_ place: Int, _ patch: Int) -> Void
    ) {
        var patch = 0
        for y in 0..<rows {
            for x in 0..<g.outputWidth {
                for dy in 0..<g.kernel {
                    body((y * g.stride + dy) * g.paddedRowLength + x * g.stride * g.inputs, patch)
                    patch += g.pieceLength
                }
            }
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float {
    public static func patches(
        of padded: UnsafePointer<Float>,
        rows: Int,
        _ geometry: PatchGeometry,
        into patches: UnsafeMutablePointer<Float>
    ) {
        training_patches(padded, geometry.kernelShape(rows: rows), patches)
    }
    public static func addPatches(
        _ patches: UnsafePointer<Float>,
        to padded: UnsafeMutablePointer<Float>,
        rows: Int,
        _ geometry: PatchGeometry
    ) {
        training_add_patches(patches, geometry.kernelShape(rows: rows), padded)
    }
}

extension PatchGeometry {
    fileprivate func kernelShape(rows: Int) -> training_patch_shape {
        training_patch_shape(
            rows: rows,
            columns: outputWidth,
            pieces: kernel,
            piece_length: pieceLength,
            row_length: paddedRowLength,
            row_step: stride * paddedRowLength,
            column_step: stride * inputs
        )
    }
}
