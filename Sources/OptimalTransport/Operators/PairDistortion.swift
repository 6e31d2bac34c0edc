import LinearAlgebra

/// The distortion Σ_pq K_ik L(D1_ik, D2_jl) m_p m_q over the entries p = (i, j) and q = (k, l) of a sparse plan, summed
/// term by term, where L is the square or another loss.
///
/// Unlike the expanded square, the sum is never negative and accurate to the last digits.
///
/// - Complexity: O(s²) for s entries, and O(s (n + m) d) more for points with d coordinates
struct PairDistortion {
  private let source: Rows
  private let target: Rows
  private let kernel: Matrix?
  private let loss: QuadraticLoss
  private let isSquare: Bool
  private let size: Int

  /// Creates the sum for two geometries.
  ///
  /// - Parameters:
  ///   - source: the distances D1.
  ///   - target: the distances D2.
  ///   - proximity: the kernel K; all ones if nil.
  ///   - loss: the loss L.
  init(_ source: DistanceGeometry, _ target: DistanceGeometry, proximity: Matrix?, loss: QuadraticLoss = .square) {
    (self.source, self.target) = (Rows(source), Rows(target))
    kernel = proximity
    self.loss = loss
    isSquare = loss == .square
    size = source.count * target.count
  }

  /// Whether the sum takes no longer than about a matrix product.
  func isCheap(_ entries: Int) -> Bool { entries * entries <= 64 * size }

  func value(_ entries: [PlanEntry]) -> Double {
    var (near, far) = (Buffer(source), Buffer(target))
    return compensatedSum(
      entries.map { entry in
        let (x, y) = (near.row(entry.row), far.row(entry.column))
        let weights = kernel?[row: entry.row]
        let first = weights?.startIndex ?? 0
        var sum = 0.0
        for other in entries {
          if !isSquare {
            sum += loss.value(x[other.row], y[other.column]) * other.mass
            continue
          }
          let difference = x[other.row] - y[other.column]
          sum += (weights?[first + other.row] ?? 1) * difference * difference * other.mass
        }
        return sum * entry.mass
      })
  }

  /// Rows of distances, stored or computed on demand.
  private enum Rows {
    case stored(Matrix)
    case computed(DistanceRows)

    init(_ geometry: DistanceGeometry) {
      switch geometry {
      case .symmetric(let matrix), .asymmetric(let matrix): self = .stored(matrix)
      case .squaredEuclidean(let points): self = .computed(DistanceRows(points, areSquared: true))
      case .euclidean(let points): self = .computed(DistanceRows(points, areSquared: false))
      case .lattice(let lattice): self = .stored(lattice.matrix)
      }
    }
  }

  /// The row that was requested last.
  private struct Buffer {
    private let rows: Rows
    private var index = -1
    private var elements: [Double] = []

    init(_ rows: Rows) { self.rows = rows }

    mutating func row(_ wanted: Int) -> [Double] {
      if wanted == index { return elements }
      index = wanted
      switch rows {
      case .stored(let matrix):
        elements = Array(matrix[row: wanted])
      case .computed(let distances):
        var row = [Double](repeating: 0, count: distances.count)
        row.withUnsafeMutableBufferPointer { buffer in
          if let start = buffer.baseAddress { distances.write(wanted..<wanted + 1, to: start) }
        }
        elements = row
      }
      return elements
    }
  }
}
