import HeapModule
import LinearAlgebra

/// The distance that is assigned to points that no path joins.
public enum Unreachable: String, Sendable, CaseIterable {
  /// No distance: a disconnected graph is an error.
  case error
  /// The largest finite path length, as in SCOT.
  case largestFinite = "largest-finite"
  /// Twice the largest finite path length, as in UnionCom.
  case twiceLargest = "twice-largest"
}

extension WeightedGraph {
  /// The sizes of the connected components, in the order of their first points.
  public var componentSizes: [Int] {
    var seen = [Bool](repeating: false, count: count)
    var sizes: [Int] = []
    for start in 0..<count where !seen[start] {
      var stack = [start]
      var size = 0
      seen[start] = true
      while let point = stack.popLast() {
        size += 1
        for edge in edges[point] where !seen[edge.end] {
          seen[edge.end] = true
          stack.append(edge.end)
        }
      }
      sizes.append(size)
    }
    return sizes
  }

  /// Returns the lengths of the shortest paths between all points, by Dijkstra's algorithm from each point in
  /// parallel.
  ///
  /// - Parameter unreachable: the distance of points that no path joins; an error by default.
  /// - Returns: the path lengths, n×n, symmetric with zero diagonal.
  /// - Throws: `GraphError.disconnected` if some points are not joined and `unreachable` is `.error`.
  /// - Complexity: O(n (e + n log n)) for n points and e edges
  public func shortestPathLengths(unreachable: Unreachable = .error) throws(GraphError) -> Matrix {
    let sizes = componentSizes
    if sizes.count > 1, unreachable == .error {
      throw .disconnected(components: sizes.count, largest: sizes.max() ?? 0, points: count)
    }
    var lengths = Matrix(rows: count, columns: count, repeating: .infinity)
    let count = count
    lengths.withUnsafeMutableElements { elements in
      nonisolated(unsafe) let elements = elements
      forEachChunk(of: count, chunks: 64) { _, range in
        for start in range {
          shortestPathLengths(from: start, into: elements + start * count)
        }
      }
    }
    // A path summed from its other end may differ in the last bit; the matrix must be symmetric.
    for i in 0..<count { for j in 0..<i { lengths[i, j] = lengths[j, i] } }
    if sizes.count > 1 {
      let largest = lengths.elements.lazy.filter(\.isFinite).max() ?? 0
      let remote = unreachable == .twiceLargest ? 2 * largest : largest
      return lengths.map { $0.isFinite ? $0 : remote }
    }
    return lengths
  }

  /// Returns the lengths of the shortest paths from one point to all points; +∞ where there is none.
  ///
  /// - Complexity: O(e + n log n) for n points and e edges
  public func shortestPathLengths(from start: Int) -> [Double] {
    var lengths = [Double](repeating: .infinity, count: count)
    lengths.withUnsafeMutableBufferPointer { buffer in
      if let lengths = buffer.baseAddress { shortestPathLengths(from: start, into: lengths) }
    }
    return lengths
  }

  private func shortestPathLengths(from start: Int, into lengths: UnsafeMutablePointer<Double>) {
    var heap = Heap<PathEnd>()
    lengths[start] = 0
    heap.insert(PathEnd(length: 0, point: start))
    while let shortest = heap.popMin() {
      let (length, point) = (shortest.length, shortest.point)
      guard length <= lengths[point] else { continue }
      for edge in edges[point] where length + edge.length < lengths[edge.end] {
        lengths[edge.end] = length + edge.length
        heap.insert(PathEnd(length: length + edge.length, point: edge.end))
      }
    }
  }
}

/// A queue entry of Dijkstra's algorithm: the end point and length of a path, ordered by length.
private struct PathEnd: Comparable {
  let length: Double
  let point: Int

  static func < (left: PathEnd, right: PathEnd) -> Bool { left.length < right.length }
}
