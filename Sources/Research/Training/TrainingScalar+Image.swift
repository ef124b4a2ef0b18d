// SPDX-License-Identifier: Apache-2.0
import CStepKernels

/// Geometry of an image's patches. Images are padded on every side with half a kernel of zeros before they are cut.
public struct PatchGeometry: Sendable {
    let width: Int
    let inputs: Int
    let outputs: Int
    let kernel: Int
    let stride: Int

    /// Values in a row of the image.
    var rowLength: Int { width * inputs }
    /// Values in a row of the padded image.
    var paddedRowLength: Int { (width + kernel - 1) * inputs }
    /// Values in the padded image of `height` rows.
    func paddedCount(of height: Int) -> Int { (height + kernel - 1) * paddedRowLength }
    /// Offset of the image in the padded one.
    var start: Int { kernel / 2 * (paddedRowLength + inputs) }
    /// Values in one row of a patch.
    var pieceLength: Int { kernel * inputs }
    /// Values in a patch.
    var patchLength: Int { kernel * pieceLength }
    /// Columns of patches.
    var outputWidth: Int { (width + stride - 1) / stride }
    /// Rows of patches in an image of `height` rows.
    func outputHeight(of height: Int) -> Int { (height + stride - 1) / stride }
}

/// The loops of ``Conv2d``.
public protocol ImageLoops {
    /// Copies the patches of one padded image into rows `[kernel, kernel, inputs]`.
    static func patches(
        of padded: UnsafePointer<Self>,
        rows: Int,
        _ geometry: PatchGeometry,
        into patches: UnsafeMutablePointer<Self>
    )
    /// Adds each value of the patches to its place in the padded image.
    static func addPatches(
        _ patches: UnsafePointer<Self>,
        to padded: UnsafeMutablePointer<Self>,
        rows: Int,
        _ geometry: PatchGeometry
    )
}

extension TrainingScalar {
    /// Plain implementation of ``ImageLoops/patches(of:rows:_:into:)``.
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

    /// Plain implementation of ``ImageLoops/addPatches(_:to:rows:_:)``.
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

    /// Calls `body` with the offsets of every row of every patch in the padded image and in the patches.
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
