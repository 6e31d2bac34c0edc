import Foundation
import LinearAlgebra

// Definitions computed in the plainest way, without sharing code with the solvers.

/// Returns Σ_{ijkl} K_ik L(D1_ik, D2_jl) P_ij P_kl over pairs with mass, by four loops; K is all ones if nil,
/// L the squared difference by default.
public func gromovWassersteinByDefinition(
  _ d1: Matrix, _ d2: Matrix, _ p: Matrix, kernel: Matrix? = nil, loss: (Double, Double) -> Double = squaredDifference
) -> Double {
  var sum = 0.0
  for i in 0..<p.rows {
    for j in 0..<p.columns {
      for k in 0..<p.rows {
        for l in 0..<p.columns where p[i, j] > 0 && p[k, l] > 0 {
          sum += (kernel?[i, k] ?? 1) * loss(d1[i, k], d2[j, l]) * p[i, j] * p[k, l]
        }
      }
    }
  }
  return sum
}

/// Returns (x − y)².
public func squaredDifference(_ x: Double, _ y: Double) -> Double { (x - y) * (x - y) }

/// Returns KL(x | y) = x log(x/y) − x + y of two numbers, with 0 log 0 = 0.
public func scalarRelativeEntropy(_ x: Double, _ y: Double) -> Double { x == 0 ? y : x * (log(x) - log(y)) - x + y }

/// Returns KL(P | a⊗b) by its definition.
public func relativeEntropyByDefinition(_ p: Matrix, _ a: [Double], _ b: [Double]) -> Double {
  relativeEntropyByDefinition(p.elements, Matrix(outer: a, b).elements)
}

/// Returns KL(p|q) = Σ p log(p/q) − p + q by its definition.
public func relativeEntropyByDefinition(_ p: [Double], _ q: [Double]) -> Double {
  zip(p, q).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * (log($1.0) - log($1.1)) : 0) - $1.0 + $1.1 }
}

/// Returns entropic transport by plain Sinkhorn iterations on the potentials, with Glibc's exp and log; marginals are
/// relaxed by ρ KL.
public func sinkhornByDefinition(
  cost: Matrix, a: [Double], b: [Double], epsilon: Double, rho: (Double, Double) = (.infinity, .infinity),
  iterations: Int
) -> Matrix {
  func softMinimum(_ terms: [Double]) -> Double {
    let largest = terms.max() ?? 0
    return largest + log(terms.reduce(0) { $0 + exp($1 - largest) })
  }
  func exponent(_ rho: Double) -> Double { rho == .infinity ? 1 : rho / (rho + epsilon) }
  var phi = [Double](repeating: 0, count: a.count)
  var psi = [Double](repeating: 0, count: b.count)
  let rows = a.indices.filter { a[$0] > 0 }
  let columns = b.indices.filter { b[$0] > 0 }
  for _ in 0..<iterations {
    for i in rows {
      phi[i] = -exponent(rho.0) * softMinimum(columns.map { log(b[$0]) + psi[$0] - cost[i, $0] / epsilon })
    }
    for j in columns {
      psi[j] = -exponent(rho.1) * softMinimum(rows.map { log(a[$0]) + phi[$0] - cost[$0, j] / epsilon })
    }
  }
  return Matrix(rows: a.count, columns: b.count) {
    a[$0] > 0 && b[$1] > 0 ? a[$0] * b[$1] * exp(phi[$0] + psi[$1] - cost[$0, $1] / epsilon) : 0
  }
}

/// Returns all permutations of 0..<count.
public func permutations(_ count: Int) -> [[Int]] {
  guard count > 0 else { return [[]] }
  return permutations(count - 1).flatMap { shorter in
    (0...shorter.count).map { place in
      var order = shorter
      order.insert(count - 1, at: place)
      return order
    }
  }
}

/// Returns the largest |x − y| over two matrices of one shape.
public func largestDifference(_ x: Matrix, _ y: Matrix) -> Double {
  zip(x.elements, y.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

/// Returns n seeded standard normal points with `dimensions` coordinates.
public func normalPoints(_ n: Int, dimensions: Int, seed: UInt64) -> Matrix {
  var random = SeededGenerator(seed: seed, stream: "test-points")
  return Matrix(rows: n, columns: dimensions) { _, _ in random.normal() }
}

/// Returns the Euclidean distances between points divided by the largest one.
public func normalizedDistances(_ points: Matrix) -> Matrix {
  let distances = Matrix(rows: points.rows, columns: points.rows) { i, j in
    zip(points[row: i], points[row: j]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }
  let largest = distances.elements.max() ?? 1
  return distances.map { $0 / largest }
}

/// Returns positive seeded weights with sum 1; those at the given places are 0.
public func randomWeights(_ n: Int, seed: UInt64, zeros: [Int] = []) -> [Double] {
  var random = SeededGenerator(seed: seed, stream: "test-weights")
  var weights = (0..<n).map { _ in 0.2 + random.uniform() }
  for index in zeros { weights[index] = 0 }
  let total = weights.reduce(0, +)
  return weights.map { $0 / total }
}
