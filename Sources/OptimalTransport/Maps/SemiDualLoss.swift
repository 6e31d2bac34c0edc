import LinearAlgebra

/// A sample of mean 0 and mean square 1 a coordinate, with what it was before.
struct ScaledSample {
  let points: Matrix
  let weights: [Double]
  let mean: [Double]
  let scale: Double
  /// Σ w ‖x‖² of the points as they were given.
  let squaredNorm: Double

  init(_ given: Matrix, _ weights: [Double], named name: String) throws(ProblemError) {
    let mean = given.transposedProduct(weights)
    let centered = Matrix(rows: given.rows, columns: given.columns) { given[$0, $1] - mean[$1] }
    let spread = weights.indices.reduce(0) { sum, row in
      sum + weights[row] * (0..<given.columns).reduce(0) { $0 + centered[row, $1] * centered[row, $1] }
    }
    let scale = (spread / Double(given.columns)).squareRoot()
    if !(scale > 0 && scale < .infinity) {
      throw .parameter(name: "the extent of \(name)", found: "\(scale)", expected: "a positive number")
    }
    points = centered.map { $0 / scale }
    (self.weights, self.mean, self.scale) = (weights, mean, scale)
    squaredNorm = spread + dot(mean, mean)
  }
}

/// Σ a f(x) + Σ b f*(y) with its gradient by the parameters of f.
///
/// Conjugates start where the evaluation before found them.
final class SemiDualLoss {
  private let parameters: RidgeParameters
  private let source: ScaledSample
  private let target: ScaledSample
  private var conjugates: [Double]
  /// At how many points of the target the last evaluation did not find the conjugate.
  private(set) var unsolved = 0

  /// Pieces of the samples, whose sums are added in order whatever the number of threads.
  private static let pieces = 32
  /// Of |∇f(x) − y|.
  private static let tolerance = 1e-9

  init(_ parameters: RidgeParameters, _ source: ScaledSample, _ target: ScaledSample) {
    (self.parameters, self.source, self.target) = (parameters, source, target)
    conjugates = target.points.elements
  }

  func evaluate(_ theta: UnsafeBufferPointer<Double>, _ gradient: UnsafeMutableBufferPointer<Double>) -> Double {
    let f = parameters.potential(theta)
    let (d, width) = (parameters.dimension, parameters.count + 2)
    // A row for each piece: the gradient, the value, and how many conjugates were not found.
    var sums = [Double](repeating: 0, count: Self.pieces * width)
    sums.withUnsafeMutableBufferPointer { sums in
      conjugates.withUnsafeMutableBufferPointer { conjugates in
        source.points.elements.withUnsafeBufferPointer { x in
          target.points.elements.withUnsafeBufferPointer { y in
            guard let sums = sums.baseAddress, let best = conjugates.baseAddress, let x = x.baseAddress,
              let y = y.baseAddress
            else {
              return
            }
            nonisolated(unsafe) let (all, conjugates, sources, targets) = (sums, best, x, y)
            let (parameters, a, b) = (parameters, source.weights, target.weights)
            forEachChunk(of: Self.pieces, chunks: Self.pieces) { piece, _ in
              let own = all + piece * width
              for i in a.count * piece / Self.pieces..<a.count * (piece + 1) / Self.pieces {
                own[width - 2] += parameters.add(f, at: sources + i * d, weight: a[i], to: own)
              }
              withUnsafeTemporaryAllocation(of: Double.self, capacity: parameters.room) { room in
                guard let room = room.baseAddress else { return }
                for j in b.count * piece / Self.pieces..<b.count * (piece + 1) / Self.pieces {
                  let (point, image) = (conjugates + j * d, targets + j * d)
                  if !parameters.conjugate(f, of: image, at: point, room: room, tolerance: Self.tolerance) {
                    own[width - 1] += 1
                  }
                  var product = 0.0
                  for k in 0..<d { product += point[k] * image[k] }
                  own[width - 2] += b[j] * product + parameters.add(f, at: point, weight: -b[j], to: own)
                }
              }
            }
          }
        }
      }
    }
    var (value, missed) = (0.0, 0.0)
    gradient.update(repeating: 0)
    for piece in 0..<Self.pieces {
      for index in 0..<parameters.count { gradient[index] += sums[piece * width + index] }
      value += sums[piece * width + width - 2]
      missed += sums[piece * width + width - 1]
    }
    unsolved = Int(missed)
    return value
  }
}
