// SPDX-License-Identifier: Apache-2.0

/// Convolution over images, forward and backward: PyTorch's `Conv2d` with a square kernel of odd size k and padding
/// k / 2.
///
/// An image of H rows, W columns and C channels is a sequence of H frames with W C channels, channels last, so
/// feature frames are the rows of an image without a copy. Rows and columns out are ceil(H / stride) and ceil(W / stride).
/// The patches of one image at a time are laid out as a matrix and multiplied once.
public final class Conv2d<Scalar: TrainingScalar>: SequenceLayer {
    private let geometry: PatchGeometry
    private let isFirst: Bool
    private let weight: Parameter<Scalar>
    private let bias: Parameter<Scalar>
    private let tapMajor = Workspace<Scalar>()
    private let tapMajorGradients = Workspace<Scalar>()
    private let padded = Workspace<Scalar>()
    private let patches = Workspace<Scalar>()
    private let patchGradients = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private var x: Sequences<Scalar>?

    /// Draws the weights from a normal distribution of deviation sqrt(2 / (k k outputs)), with biases 0 (He et al. 2015,
    /// arXiv:1502.01852, as DeepEmoCluster's code does).
    ///
    /// - Parameters:
    ///   - width: columns of the image.
    ///   - isFirst: true if the gradient of the input is not needed.
    public init(
        _ parameters: Parameters<Scalar>,
        _ name: String,
        width: Int,
        inputs: Int,
        outputs: Int,
        kernel: Int = 3,
        stride: Int = 1,
        isFirst: Bool = false,
        random: inout TrainingRandom
    ) {
        precondition(kernel % 2 == 1, "the kernel size must be odd, not \(kernel)")
        geometry = PatchGeometry(
            width: width,
            inputs: inputs,
            outputs: outputs,
            kernel: kernel,
            stride: stride
        )
        self.isFirst = isFirst
        let deviation = (2 / Double(kernel * kernel * outputs)).squareRoot()
        weight = parameters.add(name + ".weight", [outputs, inputs, kernel, kernel]) {
            Scalar(random.normal() * deviation)
        }
        bias = parameters.add(name + ".bias", [outputs]) { 0 }
    }

    /// Columns of the output images.
    public var outputWidth: Int { geometry.outputWidth }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        precondition(
            x.channels == geometry.rowLength,
            "\(x.channels) values a row, not \(geometry.rowLength)"
        )
        self.x = x
        let y = outputShape(of: x, output)
        let w = tapsFirst()
        let patches = patchMatrix(patches, rows: y.frames)
        for b in 0..<x.batch {
            Scalar.patches(of: padded(x, b), rows: y.frames, geometry, into: patches.data)
            let start = y.frames(of: b, from: 0, count: y.frames).data
            Matrix(start, rows: patches.rows, columns: geometry.outputs).setProduct(patches, w.transposed)
        }
        Scalar.addBias(y.data, bias.values, rows: y.rows * outputWidth, columns: geometry.outputs)
        return y
    }

    /// Adds to the gradients of weight and bias.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let x else { preconditionFailure("backward before forward") }
        Scalar.sumRows(bias.gradients, dy.data, rows: dy.rows * outputWidth, columns: geometry.outputs)
        let dw = Matrix(
            tapMajorGradients.zeros(weight.entry.count),
            rows: geometry.outputs,
            columns: geometry.patchLength
        )
        let w = Matrix(tapMajor.pointer, rows: geometry.outputs, columns: geometry.patchLength)
        let dx = isFirst ? x : x.like(inputGradients)
        let patches = patchMatrix(patches, rows: dy.frames)
        let dPatches = patchMatrix(patchGradients, rows: isFirst ? 0 : dy.frames)
        for b in 0..<x.batch {
            Scalar.patches(of: padded(x, b), rows: dy.frames, geometry, into: patches.data)
            let start = dy.frames(of: b, from: 0, count: dy.frames).data
            let d = Matrix(start, rows: patches.rows, columns: geometry.outputs)
            dw.addProduct(d.transposed, patches)
            guard !isFirst else { continue }
            dPatches.setProduct(d, w)
            let dPadded = padded.zeros(geometry.paddedCount(of: x.frames))
            Scalar.addPatches(dPatches.data, to: dPadded, rows: dy.frames, geometry)
            eachRow(of: dx, b, dPadded) { $0.update(from: $1, count: geometry.rowLength) }
        }
        addGradient(dw)
        return dx
    }

    /// Image `b`, padded with zeros.
    private func padded(_ x: Sequences<Scalar>, _ b: Int) -> UnsafeMutablePointer<Scalar> {
        let padded = padded.zeros(geometry.paddedCount(of: x.frames))
        eachRow(of: x, b, padded) { $1.update(from: $0, count: geometry.rowLength) }
        return padded
    }

    private func eachRow(
        of x: Sequences<Scalar>,
        _ b: Int,
        _ padded: UnsafeMutablePointer<Scalar>,
        _ body: (_ row: UnsafeMutablePointer<Scalar>, _ padded: UnsafeMutablePointer<Scalar>) -> Void
    ) {
        for y in 0..<x.frames {
            body(
                x.data + (b * x.frames + y) * x.channels,
                padded + geometry.start + y * geometry.paddedRowLength
            )
        }
    }

    private func outputShape(of x: Sequences<Scalar>, _ workspace: Workspace<Scalar>) -> Sequences<Scalar> {
        let frames = geometry.outputHeight(of: x.frames)
        let channels = outputWidth * geometry.outputs
        let data = workspace.reserve(x.batch * frames * channels)
        return Sequences(batch: x.batch, frames: frames, channels: channels, data: data)
    }

    private func patchMatrix(_ workspace: Workspace<Scalar>, rows: Int) -> Matrix<Scalar> {
        let count = rows * outputWidth
        let data = workspace.reserve(count * geometry.patchLength)
        return Matrix(data, rows: count, columns: geometry.patchLength)
    }

    /// PyTorch's `[outputs, inputs, taps]` as `[outputs, taps, inputs]`, the order in which a patch is laid out.
    private func tapsFirst() -> Matrix<Scalar> {
        let (inputs, length) = (geometry.inputs, geometry.patchLength)
        let data = tapMajor.reserve(weight.entry.count)
        for o in 0..<geometry.outputs {
            Scalar.tapsFirst(
                weight.values + o * length,
                into: data + o * length,
                rows: inputs,
                length / inputs
            )
        }
        return Matrix(data, rows: geometry.outputs, columns: length)
    }

    private func addGradient(_ dw: Matrix<Scalar>) {
        let (inputs, length) = (geometry.inputs, geometry.patchLength)
        for o in 0..<geometry.outputs {
            Scalar.addTapsFirst(
                dw.data + o * length,
                to: weight.gradients + o * length,
                rows: inputs,
                length / inputs
            )
        }
    }
}
