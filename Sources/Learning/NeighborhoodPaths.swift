import LinearAlgebra

/// A dense neighborhood graph, for neighborhoods so large that edge lists would be longer than the distance matrix.
///
/// An edge joins two points if either is among the k nearest of the other, where **all points tied with the k-th
/// count as neighbors** (distances that agree to 1e-12 of the largest are tied). The graph therefore does not depend
/// on the order of the points, unlike that of `WeightedGraph.init(nearestNeighborsOf:count:…)`.
public struct NeighborhoodPaths: Sendable {
  private let distances: Matrix
  /// The distance of each point to its k-th nearest, with a margin for ties.
  private let reach: [Double]

  /// The number of points.
  public var count: Int { distances.rows }

  /// Finds the neighborhood of each point.
  ///
  /// - Parameters:
  ///   - distances: n×n, symmetric.
  ///   - k: the number of neighbors in 1…n − 1, not counting the point itself.
  /// - Complexity: O(n² log n)
  public init(distances: Matrix, neighbors k: Int) {
    let n = distances.rows
    precondition(distances.isSquare && (1..<n).contains(k), "k = \(k) is out of range for \(n) points")
    self.distances = distances
    let resolution = 1e-12 * (distances.elements.max() ?? 0)
    var reach = [Double](repeating: 0, count: n)
    reach.withUnsafeMutableBufferPointer { reach in
      nonisolated(unsafe) let reach = reach
      forEachChunk(of: n, chunks: 64) { _, rows in
        for i in rows {
          var others = Array(distances[row: i])
          others.remove(at: i)
          others.sort()
          reach[i] = others[k - 1] + resolution
        }
      }
    }
    self.reach = reach
  }

  /// Returns the lengths of the shortest paths between all points.
  ///
  /// - Parameters:
  ///   - edgeLength: the length of an edge: the distance of its ends, or 1.
  ///   - remote: the distance of points that no path joins, as a multiple of the largest finite path length.
  /// - Returns: the path lengths, n×n, symmetric with zero diagonal.
  /// - Complexity: O(n³) in tiles for distances, n³/64 word operations for edges of length 1
  public func lengths(_ edgeLength: EdgeLength, remote: Double) -> Matrix {
    let lengths = edgeLength == .connectivity ? steps : measured
    let largest = lengths.elements.reduce(0) { $1.isFinite ? max($0, $1) : $0 }
    return lengths.elements.contains(.infinity) ? lengths.map { $0.isFinite ? $0 : remote * largest } : lengths
  }

  private func isEdge(_ i: Int, _ j: Int) -> Bool {
    i != j && (distances[i, j] <= reach[i] || distances[i, j] <= reach[j])
  }

  private var measured: Matrix {
    var lengths = Matrix(rows: count, columns: count) { i, j in i == j ? 0 : isEdge(i, j) ? distances[i, j] : .infinity
    }
    lengths.closeMinPlus()
    return lengths
  }

  /// The number of edges on shortest paths, by breadth-first search from 64 points per word: each step takes unions
  /// of neighborhoods.
  private var steps: Matrix {
    let n = count
    let words = (n + 63) / 64
    var neighbors = [UInt64](repeating: 0, count: n * words)
    for i in 0..<n { for j in 0..<n where isEdge(i, j) { neighbors[i * words + j / 64] |= 1 << UInt64(j % 64) } }
    var lengths = Matrix(rows: n, columns: n, repeating: .infinity)
    let edges = neighbors
    lengths.withUnsafeMutableElements { lengths in
      nonisolated(unsafe) let lengths = lengths
      forEachChunk(of: n, chunks: 64) { _, starts in
        for start in starts {
          var seen = [UInt64](repeating: 0, count: words)
          var (front, length) = ([start], 0.0)
          seen[start / 64] = 1 << UInt64(start % 64)
          while !front.isEmpty {
            for point in front { lengths[start * n + point] = length }
            var reached = [UInt64](repeating: 0, count: words)
            for point in front { for word in 0..<words { reached[word] |= edges[point * words + word] } }
            front = []
            for word in 0..<words {
              var new = reached[word] & ~seen[word]
              seen[word] |= new
              while new != 0 {
                front.append(word * 64 + new.trailingZeroBitCount)
                new &= new - 1
              }
            }
            length += 1
          }
        }
      }
    }
    return lengths
  }
}
