import Glibc
import LinearAlgebra

/// The numbers that a convex potential is fitted by: log(q − q0), s, log h, u and o, one after the other.
struct RidgeParameters {
  let ridges: Int
  let dimension: Int
  /// q0, the least curvature.
  let leastCurvature: Double
  /// τ.
  let smoothness: Double

  var count: Int { 1 + dimension + ridges * (dimension + 2) }
  var slope: Int { 1 }
  var heights: Int { 1 + dimension }
  var directions: Int { heights + ridges }
  var offsets: Int { directions + ridges * dimension }

  func potential(_ theta: UnsafeBufferPointer<Double>) -> ConvexPotential {
    ConvexPotential(
      curvature: leastCurvature + exp(theta[0]), slope: Array(theta[slope..<heights]),
      directions: Matrix(rows: ridges, columns: dimension, elements: Array(theta[directions..<offsets])),
      offsets: Array(theta[offsets..<offsets + ridges]), heights: theta[heights..<directions].map { exp($0) },
      smoothness: smoothness)
  }

  /// What each thread works in: ridges' σ and σ', the gradient, the step, and the second derivatives.
  var room: Int { 2 * ridges + 2 * dimension + dimension * dimension }

  /// Adds the derivative of weight·f(x) by the parameters to `gradient`.
  ///
  /// - Parameters:
  ///   - f: the potential of these parameters.
  ///   - x: a point of `dimension` coordinates.
  ///   - weight: the factor.
  ///   - gradient: `count` numbers.
  /// - Returns: weight·f(x).
  func add(
    _ f: ConvexPotential, at x: UnsafePointer<Double>, weight: Double, to gradient: UnsafeMutablePointer<Double>
  ) -> Double {
    var (square, value) = (0.0, 0.0)
    for k in 0..<dimension {
      square += x[k] * x[k]
      value += f.slope[k] * x[k]
      gradient[slope + k] += weight * x[k]
    }
    value += 0.5 * f.curvature * square
    gradient[0] += weight * 0.5 * square * (f.curvature - leastCurvature)
    f.directions.elements.withUnsafeBufferPointer { u in
      for ridge in 0..<ridges {
        var z = f.offsets[ridge]
        for k in 0..<dimension { z += u[ridge * dimension + k] * x[k] }
        z /= smoothness
        let (height, slope) = (f.heights[ridge] * smoothness * softplus(z), weight * f.heights[ridge] * sigmoid(z))
        value += height
        gradient[heights + ridge] += weight * height
        gradient[offsets + ridge] += slope
        for k in 0..<dimension { gradient[directions + ridge * dimension + k] += slope * x[k] }
      }
    }
    return weight * value
  }

  /// Moves x to where f(x) − x·y is least.
  ///
  /// By Newton's method with step halving; f is strongly convex, so that there is one such point.
  ///
  /// - Parameters:
  ///   - f: the potential of these parameters.
  ///   - y: where f's conjugate is wanted.
  ///   - x: where the search begins, and then what it found.
  ///   - room: `room` numbers.
  ///   - tolerance: the largest element of ∇f(x) − y at the end.
  /// - Returns: whether |∇f(x) − y| fell to the tolerance.
  func conjugate(
    _ f: ConvexPotential, of y: UnsafePointer<Double>, at x: UnsafeMutablePointer<Double>,
    room: UnsafeMutablePointer<Double>,
    tolerance: Double
  ) -> Bool {
    let d = dimension
    let (sigma, bend) = (room, room + ridges)
    let (gradient, step) = (room + 2 * ridges, room + 2 * ridges + d)
    let second = step + d
    return f.directions.elements.withUnsafeBufferPointer { u in
      /// f(x) − x·y along the step.
      func value(_ length: Double) -> Double {
        var sum = 0.0
        for k in 0..<d {
          let place = x[k] + length * step[k]
          sum += (f.slope[k] - y[k] + 0.5 * f.curvature * place) * place
        }
        for ridge in 0..<ridges {
          var z = f.offsets[ridge]
          for k in 0..<d { z += u[ridge * d + k] * (x[k] + length * step[k]) }
          sum += f.heights[ridge] * smoothness * softplus(z / smoothness)
        }
        return sum
      }
      for _ in 0..<100 {
        for k in 0..<d { gradient[k] = f.slope[k] + f.curvature * x[k] - y[k] }
        for ridge in 0..<ridges {
          var z = f.offsets[ridge]
          for k in 0..<d { z += u[ridge * d + k] * x[k] }
          let share = sigmoid(z / smoothness)
          sigma[ridge] = f.heights[ridge] * share
          bend[ridge] = sigma[ridge] * (1 - share) / smoothness
          for k in 0..<d { gradient[k] += sigma[ridge] * u[ridge * d + k] }
        }
        var largest = 0.0
        for k in 0..<d { largest = max(largest, abs(gradient[k])) }
        if largest <= tolerance { return true }
        for i in 0..<d { for j in 0...i { second[i * d + j] = i == j ? f.curvature : 0 } }
        for ridge in 0..<ridges {
          for i in 0..<d {
            let part = bend[ridge] * u[ridge * d + i]
            for j in 0...i { second[i * d + j] += part * u[ridge * d + j] }
          }
        }
        for k in 0..<d { step[k] = -gradient[k] }
        solvePositiveDefinite(second, step, d)
        var (slope, length) = (0.0, 1.0)
        for k in 0..<d { slope += gradient[k] * step[k] }
        let before = value(0)
        while length > 1e-6, value(length) > before + 1e-4 * length * slope + 1e-13 * abs(before) { length /= 2 }
        for k in 0..<d { x[k] += length * step[k] }
      }
      return false
    }
  }
}

/// Solves A x = b for a small positive definite A by its lower triangle.
///
/// A is overwritten with its Cholesky factor, b with x. O(n³).
func solvePositiveDefinite(_ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>, _ n: Int) {
  for j in 0..<n {
    for k in 0..<j { for i in j..<n { a[i * n + j] -= a[i * n + k] * a[j * n + k] } }
    let pivot = a[j * n + j].squareRoot()
    for i in j..<n { a[i * n + j] /= pivot }
  }
  for i in 0..<n {
    for k in 0..<i { b[i] -= a[i * n + k] * b[k] }
    b[i] /= a[i * n + i]
  }
  for i in (0..<n).reversed() {
    for k in i + 1..<n { b[i] -= a[k * n + i] * b[k] }
    b[i] /= a[i * n + i]
  }
}
