import LinearAlgebra

/// The graph that joins points with their nearest, as a matrix of edges: for neighbourhoods that are a share of all points, where lists of edges would be
/// longer than the matrix.
///
/// An edge stands where either end counts the other among its k nearest, **all points tied with the k-th included** (distances that agree to 1e-12 of the
/// largest are tied). So the graph does not depend on the order of the points, unlike `WeightedGraph`'s of exactly k neighbours.
public struct NeighborhoodPaths: Sendable {
  private let distances: Matrix
  /// The distance to the k-th nearest of each point, with room for ties.
  private let reach: [Double]

  public var count: Int { distances.rows }

  /// - Parameters:
  ///   - distances: n×n, symmetric.
  ///   - k: in 1…n − 1, the point itself not counted. O(n² log n).
  public init(distances: Matrix, neighbors k: Int) {
    let n = distances.rows
    precondition(distances.isSquare && (1..<n).contains(k), "\(k) neighbours among \(n) points")
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

  /// The lengths of the shortest paths between all points, edges being as long as the distances (O(n³), in tiles) or counting 1 (O(n³/64)).
  ///
  /// - Parameters:
  ///   - edgeLength: what an edge is long.
  ///   - remote: what stands for the distance of points that no path joins, as a multiple of the largest path length.
  public func lengths(_ edgeLength: EdgeLength, remote: Double) -> Matrix {
    let lengths = edgeLength == .connectivity ? steps : measured
    let largest = lengths.elements.reduce(0) { $1.isFinite ? max($0, $1) : $0 }
    return lengths.elements.contains(.infinity) ? lengths.map { $0.isFinite ? $0 : remote * largest } : lengths
  }

  private func isEdge(_ i: Int, _ j: Int) -> Bool { i != j && (distances[i, j] <= reach[i] || distances[i, j] <= reach[j]) }

  private var measured: Matrix {
    var lengths = Matrix(rows: count, columns: count) { i, j in i == j ? 0 : isEdge(i, j) ? distances[i, j] : .infinity }
    lengths.closeMinPlus()
    return lengths
  }

  /// By a breadth-first search from each point, 64 points a word: what a step reaches is the union of its points' neighbours.
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
