import Foundation
import LinearAlgebra

@testable import SolverCatalogue

/// `gaussian`.
enum GaussianConformance: SolverConformance {
  typealias Solver = GaussianSolver

  static let pot = [
    "ot.gaussian.bures_wasserstein_distance", "ot.gaussian.bures_wasserstein_mapping",
    "ot.gaussian.empirical_bures_wasserstein_distance",
    "ot.gaussian.empirical_bures_wasserstein_mapping",
  ]
  static let choices = [["S1", "S2"], ["S1", "S2"], ["X", "Y"], ["X", "S2"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.gaussian }

  static func isOptional(_ input: InputDescription, beside chosen: [String]) -> Bool {
    let owner = ["m1": "S1", "m2": "S2", "a": "X", "b": "Y"]
    return owner[input.name].map(chosen.contains) ?? false
  }

  static func values(of name: String, shape: [Int], _ draw: inout AdversarialDraw) -> NumericArray? {
    draw.gaussian(name, shape)
  }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    key == "ridge" ? ["ridge=\(draw.pick(["0", "0", "1e-6", "1"]))"] : nil
  }
}

/// `gaussian-barycenter`.
enum GaussianBarycenterConformance: TreeArrays {
  typealias Solver = GaussianBarycenterSolver

  static let pot = ["ot.gaussian.bures_wasserstein_barycenter", "ot.gaussian.empirical_bures_wasserstein_barycenter"]
  static let choices = [["S0"], ["S0", "S1"], ["S0", "S1", "S2"], ["X0", "X1"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.gaussianBarycenter }

  static func isOptional(_ input: InputDescription, beside chosen: [String]) -> Bool {
    if input.name == "weights" { return true }
    guard let digit = input.name.last else { return false }
    return (input.name.hasPrefix("m") && chosen.contains("S\(digit)"))
      || (input.name.hasPrefix("a") && chosen.contains("X\(digit)"))
  }

  static func letters(of input: InputDescription) -> [String] {
    input.name.hasPrefix("X") || input.name.hasPrefix("a")
      ? input.letters.map { $0 == "n" ? "n\(input.name.suffix(1))" : $0 } : input.letters
  }

  /// As many weights as there are measures.
  static func size(_ letter: String, _ draw: inout AdversarialDraw) -> Int? {
    letter == "s" ? draw.chosen.count : letter == "d" ? 1 + draw.integer(below: 5) : nil
  }

  static func values(of name: String, shape: [Int], _ draw: inout AdversarialDraw) -> NumericArray? {
    draw.gaussian(name, shape)
  }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "ridge": ["ridge=\(draw.pick(["0", "0", "1e-6", "1"]))"]
    case "iterations": ["iterations=\(draw.pick(["1", "1000"]))"]
    default: nil
    }
  }
}

extension AdversarialDraw {
  /// Means of either sign, and covariances of any rank, along the axes or not; some that are none.
  fileprivate mutating func gaussian(_ name: String, _ shape: [Int]) -> NumericArray? {
    let scale = isWild ? pick([1e-60, 1e-12, 1, 1, 1e12, 1e60]) : 1
    if name.hasPrefix("m") {
      return NumericArray(
        shape: shape,
        elements: (0..<shape.reduce(1, *)).map { _ in scale * (2 * Double(integer(below: 1000)) / 999 - 1) })
    }
    guard name.hasPrefix("S"), shape.count == 2 else { return nil }
    let (d, style) = (shape[0], integer(below: 4))
    let rank = style == 0 ? integer(below: d + 1) : d
    var factor = Matrix(rows: d, columns: max(rank, 1))
    for i in 0..<d {
      for k in 0..<rank where style != 1 || i == k {
        let number = style == 2 ? Double(integer(below: 3)) - 1 : Double(integer(below: 1000)) / 500 - 1
        factor[i, k] = number * (style == 3 && k % 2 == 1 ? 1e-5 : 1)
      }
    }
    var covariance = Matrix(rows: d, columns: d) { i, j in
      scale * (0..<factor.columns).reduce(0) { $0 + factor[i, $1] * factor[j, $1] }
    }
    if isWild, happens(0.05) { covariance[integer(below: d), integer(below: d)] = pick([-1, .nan, 1e200]) }
    return NumericArray(covariance)
  }
}

extension Certificate {
  /// The value is that of the coupling, which is one, and no coupling is cheaper by the roots of the product's
  /// eigenvalues; the map carries one covariance into the other at that cost.
  fileprivate var gaussian: [String] {
    guard let source = measure("m1", "S1", "X", "a"), let target = measure("m2", "S2", "Y", "b"),
      let cross = matrices["cross_covariance"],
      let part = number("covariance_part")
    else { return ["the answer has no cross covariance"] }
    let (s, t) = (source.covariance, target.covariance)
    let d = s.rows
    let scale = s.trace + t.trace
    let shift = zip(source.mean, target.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    var faults = differs("mean_part", from: shift, scale: shift, by: 1e-9, rounded: squareOfSamples)
    faults += differs(
      "covariance_part", from: scale - 2 * cross.trace, scale: scale, by: 1e-9, rounded: squareOfSamples)
    faults += differs(
      "covariance_part", from: scale - 2 * Self.fidelity(s, t), scale: scale, by: 1e-6, rounded: squareOfSamples)
    if let value = number("value") {
      faults += differs("distance", from: value.squareRoot(), scale: value.squareRoot(), by: 1e-9)
    }
    if let value = number("mean_part") { faults += differs("value", from: value + part, scale: value + part, by: 1e-9) }
    if part < 0 { faults.append("the covariances' part is negative: \(part)") }
    // In units of each side, where it is more than what rounding leaves of an offset, the joint covariance has no
    // negative eigenvalue.
    let (sizeS, sizeT) = (s.trace.squareRoot(), t.trace.squareRoot())
    if min(s.trace, t.trace) > max(1e-12 * squareOfSamples, 1e-290) {
      let joint = Matrix(rows: 2 * d, columns: 2 * d) { i, j in
        if i < d { return j < d ? s[i, j] / sizeS / sizeS : cross[i, j - d] / sizeS / sizeT }
        return j < d ? cross[j, i - d] / sizeS / sizeT : t[i - d, j - d] / sizeT / sizeT
      }
      let least = Self.eigen(joint).values.min() ?? 0
      if least < -1e-7 { faults.append("the coupling is none: its covariance has the eigenvalue \(least)") }
    }
    if let map = matrices["map"], let offset = vector("offset") {
      // What is nearly singular makes maps so long that their rounding counts.
      let length = map.elements.reduce(0) { hypot($0, $1) }
      let pushed = map * s * map.transposed
      let error = zip(pushed.elements, t.elements).map { abs($0 - $1) }.max() ?? 0
      if error > 1e-6 * t.trace + 1e-14 * length * length * s.trace + 1e-13 * squareOfSamples {
        faults.append("the map misses the target's covariance by \(error)")
      }
      faults += differs(
        "covariance_part", from: scale - 2 * (map * s).trace, scale: scale + 1e-8 * length * s.trace, by: 1e-6,
        rounded: squareOfSamples)
      let largest = Self.largest(t)
      if largest > max(1e-290, 1e-10 * squareOfSamples) {
        faults += differs("map_error", from: error / largest, scale: 1 + length * length * s.trace / largest, by: 1e-6)
      }
      let image = map * source.mean
      let size = (zip(image, offset).map { abs($0) + abs($1) } + target.mean.map(abs)).max() ?? 0
      for k in 0..<d where abs(image[k] + offset[k] - target.mean[k]) > 1e-9 * size {
        faults.append("the map misses the target's mean")
      }
    }
    return faults
  }

  /// The mean, the value, the fixed point's equation, and no better value at the inputs, their mean or the square of
  /// their roots' mean.
  fileprivate var gaussianBarycenter: [String] {
    guard let mean = vector("mean"), let covariance = matrices["covariance"], let value = number("value"),
      let bound = number("lower_bound")
    else { return ["the answer has no barycenter"] }
    let all = (0..<10).compactMap { measure("m\($0)", "S\($0)", "X\($0)", "a\($0)") }
    let given = weights("weights", all.count)
    let total = given.reduce(0, +)
    let lambda = given.map { $0 / total }
    func sum(_ matrices: [Matrix]) -> Matrix {
      Matrix(rows: mean.count, columns: mean.count) { i, j in zip(lambda, matrices).reduce(0) { $0 + $1.0 * $1.1[i, j] }
      }
    }
    let scale = zip(lambda, all).reduce(0) { $0 + $1.0 * $1.1.covariance.trace }
    let spread = zip(lambda, all).reduce(0) { sum, next in
      sum + next.0 * zip(mean, next.1.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    func objective(_ own: Matrix) -> Double {
      spread
        + zip(lambda, all).reduce(0) {
          $0 + $1.0 * (own.trace + $1.1.covariance.trace - 2 * Self.fidelity(own, $1.1.covariance))
        }
    }
    var faults: [String] = []
    let size = all.flatMap(\.mean).map(abs).max() ?? 0
    for k in mean.indices where abs(mean[k] - zip(lambda, all).reduce(0) { $0 + $1.0 * $1.1.mean[k] }) > 1e-12 * size {
      faults.append("coordinate \(k) of the mean is off")
    }
    let rounded = squareOfSamples + size * size
    faults += differs("value", from: objective(covariance), scale: scale + spread, by: 1e-6, rounded: rounded)
    faults += differs("gap", from: value - bound, scale: scale + spread, by: 1e-12)
    if !(value - bound <= 1.01e-6 * scale + 1e-13 * rounded) { faults.append("the gap is \(value - bound)") }
    let roots = sum(all.map { Self.root($0.covariance) })
    for other in all.map(\.covariance) + [sum(all.map(\.covariance)), roots * roots] {
      let least = objective(other)
      if !(least >= bound - 1e-6 * (scale + spread) - 1e-13 * rounded) {
        faults.append("a measure has the value \(least), below the bound \(bound)")
      }
    }
    return faults
  }

  /// The square of the largest coordinate of samples, whose offset takes digits.
  private var squareOfSamples: Double {
    let largest = problem.arrays.filter { "XY".contains($0.name.prefix(1)) }.flatMap(\.array.elements).reduce(0) {
      max($0, abs($1))
    }
    return largest * largest
  }

  private func measure(_ mean: String, _ covariance: String, _ samples: String, _ weights: String) -> (
    mean: [Double], covariance: Matrix
  )? {
    if let covariance = given(covariance) {
      return (problem.array(mean)?.elements ?? [Double](repeating: 0, count: covariance.rows), covariance)
    }
    guard let points = given(samples) else { return nil }
    let masses = self.weights(weights, points.rows)
    let total = masses.map { $0 / (masses.max() ?? 1) }.reduce(0, +) * (masses.max() ?? 1)
    let mean = (0..<points.columns).map { k in (0..<points.rows).reduce(0) { $0 + masses[$1] / total * points[$1, k] } }
    let ridge = numericSetting("ridge") ?? 0
    return (
      mean,
      Matrix(rows: mean.count, columns: mean.count) { i, j in
        (0..<points.rows).reduce(i == j ? ridge : 0) {
          $0 + masses[$1] / total * (points[$1, i] - mean[i]) * (points[$1, j] - mean[j])
        }
      }
    )
  }

  /// tr (S^{1/2} T S^{1/2})^{1/2}, in units of both.
  private static func fidelity(_ s: Matrix, _ t: Matrix) -> Double {
    if s.trace == 0 || t.trace == 0 { return 0 }
    let first = root(s.map { $0 / s.trace })
    let product = first * t.map { $0 / t.trace } * first
    return s.trace.squareRoot() * t.trace.squareRoot()
      * eigen(product).values.reduce(0) { $0 + max($1, 0).squareRoot() }
  }

  private static func root(_ matrix: Matrix) -> Matrix {
    let (values, vectors) = eigen(matrix)
    return Matrix(rows: matrix.rows, columns: matrix.rows) { i, j in
      values.indices.reduce(0) { $0 + max(values[$1], 0).squareRoot() * vectors[i, $1] * vectors[j, $1] }
    }
  }

  /// By Jacobi's rotations; eigenvectors by columns.
  private static func eigen(_ matrix: Matrix) -> (values: [Double], vectors: Matrix) {
    let n = matrix.rows
    var a = Matrix(rows: n, columns: n) { (matrix[$0, $1] + matrix[$1, $0]) / 2 }
    var vectors = Matrix(rows: n, columns: n) { $0 == $1 ? 1 : 0 }
    for _ in 0..<60 {
      let (size, rest) = a.elements.indices.reduce((0.0, 0.0)) { sum, index in
        let element = abs(a.elements[index])
        return index % (n + 1) == 0 ? (max(sum.0, element), sum.1) : (sum.0, max(sum.1, element))
      }
      if rest <= 1e-18 * size { break }
      for p in 0..<n {
        for q in 0..<p where a[p, q] != 0 {
          let ratio = (a[q, q] - a[p, p]) / (2 * a[p, q])
          let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
          let cosine = 1 / (1 + tangent * tangent).squareRoot()
          let sine = tangent * cosine
          for k in 0..<n { (a[k, p], a[k, q]) = (cosine * a[k, p] - sine * a[k, q], sine * a[k, p] + cosine * a[k, q]) }
          for k in 0..<n { (a[p, k], a[q, k]) = (cosine * a[p, k] - sine * a[q, k], sine * a[p, k] + cosine * a[q, k]) }
          for k in 0..<n {
            (vectors[k, p], vectors[k, q]) = (
              cosine * vectors[k, p] - sine * vectors[k, q], sine * vectors[k, p] + cosine * vectors[k, q]
            )
          }
        }
      }
    }
    return ((0..<n).map { a[$0, $0] }, vectors)
  }
}

extension Matrix {
  fileprivate var trace: Double { (0..<rows).reduce(0) { $0 + self[$1, $1] } }
}
