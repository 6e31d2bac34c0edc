import Foundation
import LinearAlgebra
import OptimalTransport

/// UnionCom's matching (Cao, Bai, Hong, Wan 2020, DOI 10.1093/bioinformatics/btaa443), a baseline: F ≥ 0 with F1 = 1 and Fᵀ1 ≤ 1 that makes F K2 Fᵀ a
/// multiple of K1, two matrices of path lengths,
///
///     min  ‖a K1 − F K2 Fᵀ‖²,
///
/// by a primal–dual iteration on the augmented Lagrangian with Adam's steps. A fixed number of epochs is the method's own rule: it has no other
/// measure of convergence. Everything is in single precision, as there. The original then trains a network; here rows of F are the answer.
struct UnionCom: Sendable {
  var epochs = 2000
  var stepLength: Float = 0.01
  /// ρ of the augmented Lagrangian.
  var firmness: Float = 10

  struct Answer {
    /// F, n1×n2.
    let matching: Matrix
    /// ‖a K1 − F K2 Fᵀ‖²/‖a K1‖².
    let misfit: Double
    /// max |F1 − 1|.
    let violation: Double
    let course: [Double]
  }

  /// Matches n1 points with n2 by their path lengths; `scale` is the first a.
  func match(_ first: Matrix, _ second: Matrix, scale start: Double, monitor: (Int, Double) -> Void = { _, _ in }) -> Answer {
    let (n1, n2) = (first.rows, second.rows)
    let largest = Double(max(n1, n2))
    let k1 = first.elements.map { Float($0 / largest) }
    let k2 = second.elements.map { Float($0 / largest) }
    let norm = k1.reduce(0) { $0 + Double($1) * Double($1) }
    var scale = start
    var f = [Float](repeating: 0, count: n1 * n2)
    var (moment, square) = (f, f)
    var slack = [Float](repeating: 0, count: n2)
    var (mu, lambda) = ([Float](repeating: 0, count: n1), slack)
    var (fk, g) = (f, f)
    var span = [Float](repeating: 0, count: n1 * n1)
    var (rows, columns) = (mu, slack)
    var course: [Double] = []
    var misfit = 0.0
    func sums() {
      for j in 0..<n2 { columns[j] = 0 }
      for i in 0..<n1 {
        var sum: Float = 0
        for j in 0..<n2 {
          sum += f[i * n2 + j]
          columns[j] += f[i * n2 + j]
        }
        rows[i] = sum
      }
    }
    /// F K2, S = F K2 Fᵀ, and the misfit.
    func refresh() {
      singlePrecisionProduct(f, k2, rows: n1, inner: n2, columns: n2, into: &fk)
      singlePrecisionProduct(fk, f, transposed: true, rows: n1, inner: n2, columns: n1, into: &span)
      var (cross, own) = (0.0, 0.0)
      for index in span.indices {
        cross += Double(k1[index]) * Double(span[index])
        own += Double(span[index]) * Double(span[index])
      }
      if !course.isEmpty { scale = cross / norm }
      misfit = 1 - 2 * cross / max(scale * norm, .leastNormalMagnitude) + own / max(scale * scale * norm, .leastNormalMagnitude)
    }
    for epoch in 1...epochs {
      refresh()
      course.append(misfit)
      if epoch % 100 == 0 { monitor(epoch, misfit) }
      let own = Float(scale)
      for index in span.indices { span[index] = 4 * (span[index] - own * k1[index]) }
      singlePrecisionProduct(span, fk, rows: n1, inner: n1, columns: n2, into: &g)
      sums()
      let corrections = (1 - pow(Float(0.9), Float(epoch)), 1 - pow(Float(0.999), Float(epoch)))
      for i in 0..<n1 {
        let row = mu[i] + firmness * (rows[i] - 1)
        for j in 0..<n2 {
          let index = i * n2 + j
          let gradient = g[index] + row + lambda[j] + firmness * (columns[j] - 1 + slack[j])
          moment[index] = 0.9 * moment[index] + 0.1 * gradient
          square[index] = 0.999 * square[index] + 0.001 * gradient * gradient
          let step = (moment[index] / corrections.0) / ((square[index] / corrections.1).squareRoot() + 1e-8)
          f[index] = (1 - stepLength) * f[index] + stepLength * max(f[index] - step, 0)
        }
      }
      sums()
      for j in 0..<n2 {
        let gradient = lambda[j] + firmness * (columns[j] - 1 + slack[j])
        slack[j] = (1 - stepLength) * slack[j] + stepLength * max(slack[j] - gradient, 0)
      }
      for i in 0..<n1 { mu[i] += stepLength * (rows[i] - 1) }
      for j in 0..<n2 { lambda[j] += stepLength * (columns[j] - 1 + slack[j]) }
    }
    refresh()
    return Answer(
      matching: Matrix(rows: n1, columns: n2, elements: f.map(Double.init)), misfit: misfit,
      violation: Double(rows.reduce(0) { max($0, abs($1 - 1)) }), course: course)
  }
}
