// SPDX-License-Identifier: Apache-2.0

extension TrainingScalar {
    /// One frame of one sequence of a GRU; `a` and `u` are `[3H]` in gate order r, z, n.
    ///
    /// In: a = W x + b, u = U h + c. Out: y = the new state, and a = (r, z, n), which backward needs.
    public static func gruForward(
        _ a: UnsafeMutablePointer<Self>,
        _ u: UnsafePointer<Self>,
        _ h: UnsafePointer<Self>,
        _ y: UnsafeMutablePointer<Self>,
        count: Int
    ) {
        add(a, u, count: 2 * count)
        sigmoid(a, count: 2 * count)
        let (r, z, n, un) = (a, a + count, a + 2 * count, u + 2 * count)
        for i in 0..<count { n[i] += r[i] * un[i] }
        tanh(n, count: count)
        for i in 0..<count { y[i] = n[i] + z[i] * (h[i] - n[i]) }
    }

    /// The same frame backward.
    ///
    /// In: `a` = (r, z, n), `u` = U h + c, `dh` = gradient by the new state. Out: `a` = gradient by W x + b,
    /// `u` = gradient by U h + c, `dh` = the part of the gradient by the old state that does not pass through U.
    public static func gruBackward(
        _ a: UnsafeMutablePointer<Self>,
        _ u: UnsafeMutablePointer<Self>,
        _ h: UnsafePointer<Self>,
        _ dh: UnsafeMutablePointer<Self>,
        count: Int
    ) {
        for i in 0..<count {
            let (r, z, n) = (a[i], a[count + i], a[2 * count + i])
            let dn = dh[i] * (1 - z) * (1 - n * n)
            let dz = dh[i] * (h[i] - n) * z * (1 - z)
            let dr = dn * u[2 * count + i] * r * (1 - r)
            (a[i], a[count + i], a[2 * count + i]) = (dr, dz, dn)
            (u[i], u[count + i], u[2 * count + i]) = (dr, dz, dn * r)
            dh[i] *= z
        }
    }
}
