import Foundation
import LinearAlgebra
import OptimalTransport

/// The matching step of UnionCom (Cao, Bai, Hong, Wan 2020, DOI 10.1093/bioinformatics/btaa443), as a baseline.
///
/// It finds F ≥ 0 with F1 = 1 and Fᵀ1 ≤ 1 such that F K2 Fᵀ is close to a multiple of K1, for two matrices of path
/// lengths:
///
///     min  ‖a K1 − F K2 Fᵀ‖²,
///
/// by a primal–dual iteration on the augmented Lagrangian with Adam steps. As in the original, the number of epochs
/// is fixed, there is no test of convergence, and everything is in single precision. The original then trains a
/// network; here the rows of F are the answer.
public struct UnionCom: Sendable {
  /// The number of steps, 2000 by default; all of them are made.
  public var epochs: Int
  /// The fraction of each step that is taken, in (0, 1]; 0.01 by default.
  public var stepLength: Float
  /// The penalty weight ρ of the augmented Lagrangian, positive; 10 by default.
  public var penalty: Float

  /// Creates the algorithm.
  ///
  /// - Parameters:
  ///   - epochs: the number of steps, at least 1.
  ///   - stepLength: the fraction of each step that is taken, in (0, 1].
  ///   - penalty: the penalty weight ρ of the augmented Lagrangian, positive.
  public init(epochs: Int = 2000, stepLength: Float = 0.01, penalty: Float = 10) {
    self.epochs = epochs
    self.stepLength = stepLength
    self.penalty = penalty
  }

  /// The result of the iteration.
  public struct Answer: Sendable {
    /// The matching F, n1 × n2.
    public let matching: Matrix
    /// The relative misfit ‖a K1 − F K2 Fᵀ‖²/‖a K1‖².
    public let misfit: Double
    /// The violation max |F1 − 1| of the row constraint.
    public let violation: Double
    /// The misfit before each step.
    public let history: [Double]
  }

  /// Matches n1 points with n2 points by their path lengths.
  ///
  /// A step takes two products, n1 × n2 with n2 × n2 and with n1 × n1.
  ///
  /// - Parameters:
  ///   - first: the path lengths between the first points, n1 × n1, symmetric.
  ///   - second: the path lengths between the second points, n2 × n2, symmetric.
  ///   - start: the initial factor a.
  ///   - monitor: receives epoch and misfit every hundred epochs.
  /// - Returns: The matching with its misfit.
  public func match(
    _ first: Matrix, _ second: Matrix, scale start: Double, monitor: (Int, Double) -> Void = { _, _ in }
  ) -> Answer {
    let (n1, n2) = (first.rows, second.rows)
    let largest = Double(max(n1, n2))
    let k1 = first.elements.map { Float($0 / largest) }
    let k2 = second.elements.map { Float($0 / largest) }
    let norm = k1.reduce(0) { $0 + Double($1) * Double($1) }
    var scale = start
    var state = State(rows: n1, columns: n2)
    var (fk, gradient) = (state.f, state.f)
    // F K2 Fᵀ, then the derivative of the misfit with respect to it; it is symmetric, and only its lower half is
    // kept.
    var span = [Float](repeating: 0, count: n1 * n1)
    var history: [Double] = []
    var misfit = 0.0
    func refresh() {
      singlePrecisionProduct(state.f, k2, rows: n1, inner: n2, columns: n2, into: &fk)
      singlePrecisionLowerProduct(fk, state.f, size: n1, inner: n2, into: &span)
      let (cross, own) = products(k1, span, size: n1)
      if !history.isEmpty { scale = cross / norm }
      misfit =
        1 - 2 * cross / max(scale * norm, .leastNormalMagnitude) + own
        / max(scale * scale * norm, .leastNormalMagnitude)
    }
    for epoch in 1...epochs {
      refresh()
      history.append(misfit)
      if epoch % 100 == 0 { monitor(epoch, misfit) }
      subtract(k1, times: Float(scale), from: &span, size: n1)
      singlePrecisionProduct(lower: span, fk, rows: n1, columns: n2, into: &gradient)
      state.descend(gradient, epoch: epoch, stepLength: stepLength, penalty: penalty)
    }
    refresh()
    return Answer(
      matching: Matrix(rows: n1, columns: n2, elements: state.f.map(Double.init)), misfit: misfit,
      violation: Double(state.rowSums.reduce(0) { max($0, abs($1 - 1)) }), history: history)
  }

  /// Returns ⟨A, B⟩ and ⟨B, B⟩ of symmetric matrices.
  private func products(_ a: [Float], _ b: [Float], size: Int) -> (cross: Double, own: Double) {
    var (cross, own) = (0.0, 0.0)
    for i in 0..<size {
      let (x, y) = (a[i * size...i * size + i], b[i * size...i * size + i])
      x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
          // Eight sums in parallel.
          var (pairs, squares) = (SIMD8<Double>(), SIMD8<Double>())
          var j = 0
          while j + 8 <= i {
            for lane in 0..<8 {
              let (u, v) = (Double(x[j + lane]), Double(y[j + lane]))
              pairs[lane] += u * v
              squares[lane] += v * v
            }
            j += 8
          }
          cross += 2 * pairs.sum()
          own += 2 * squares.sum()
          while j <= i {
            let (u, v) = (Double(x[j]), Double(y[j]))
            cross += (j < i ? 2 : 1) * u * v
            own += (j < i ? 2 : 1) * v * v
            j += 1
          }
        }
      }
    }
    return (cross, own)
  }

  /// Sets B to 4 (B − c A) below the diagonal.
  private func subtract(_ a: [Float], times factor: Float, from b: inout [Float], size: Int) {
    b.withUnsafeMutableBufferPointer { b in
      a.withUnsafeBufferPointer { a in
        for i in 0..<size {
          for index in i * size...i * size + i { b[index] = 4 * (b[index] - factor * a[index]) }
        }
      }
    }
  }
}

extension UnionCom {
  /// The matching F with its multipliers and Adam's moments.
  private struct State {
    private(set) var f: [Float]
    private(set) var rowSums: [Float]
    private var columnSums: [Float]
    private var moment: [Float]
    private var square: [Float]
    private var slack: [Float]
    private var rowMultipliers: [Float]
    private var columnMultipliers: [Float]

    init(rows: Int, columns: Int) {
      f = [Float](repeating: 0, count: rows * columns)
      (moment, square) = (f, f)
      rowSums = [Float](repeating: 0, count: rows)
      columnSums = [Float](repeating: 0, count: columns)
      (rowMultipliers, columnMultipliers, slack) = (rowSums, columnSums, columnSums)
    }

    /// Updates F, the slack of its columns, and the multipliers by one step.
    mutating func descend(_ gradient: [Float], epoch: Int, stepLength: Float, penalty: Float) {
      let corrections = (1 / (1 - pow(Float(0.9), Float(epoch))), 1 / (1 - pow(Float(0.999), Float(epoch))))
      let count = columnSums.count
      let pulls = columnSums.indices.map { columnMultipliers[$0] + penalty * (columnSums[$0] - 1 + slack[$0]) }
      for j in 0..<count { columnSums[j] = 0 }
      for i in rowSums.indices {
        let own = rowMultipliers[i] + penalty * (rowSums[i] - 1)
        f.withUnsafeMutableBufferPointer { f in
          moment.withUnsafeMutableBufferPointer { moment in
            square.withUnsafeMutableBufferPointer { square in
              for j in 0..<count {
                let place = i * count + j
                let slope = gradient[place] + own + pulls[j]
                moment[place] = 0.9 * moment[place] + 0.1 * slope
                square[place] = 0.999 * square[place] + 0.001 * slope * slope
                let step = moment[place] * corrections.0 / ((square[place] * corrections.1).squareRoot() + 1e-8)
                f[place] = (1 - stepLength) * f[place] + stepLength * max(f[place] - step, 0)
              }
            }
          }
        }
        let row = f[i * count..<(i + 1) * count]
        rowSums[i] = Float(row.reduce(0) { $0 + Double($1) })
        for (j, value) in row.enumerated() { columnSums[j] += value }
      }
      for j in 0..<count {
        let pull = columnMultipliers[j] + penalty * (columnSums[j] - 1 + slack[j])
        slack[j] = (1 - stepLength) * slack[j] + stepLength * max(slack[j] - pull, 0)
      }
      for i in rowSums.indices { rowMultipliers[i] += stepLength * (rowSums[i] - 1) }
      for j in 0..<count { columnMultipliers[j] += stepLength * (columnSums[j] - 1 + slack[j]) }
    }
  }
}
