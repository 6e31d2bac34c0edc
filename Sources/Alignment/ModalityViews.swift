import Learning
import LinearAlgebra
import OptimalTransport

/// Distances between n points in single precision, row-major.
struct SingleDistances: Sendable {
  let count: Int
  let elements: [Float]

  init(count: Int, elements: [Float]) {
    self.count = count
    self.elements = elements
  }

  init(_ matrix: Matrix) { self.init(count: matrix.rows, elements: matrix.elements.map(Float.init)) }

  /// The metric measure space of these distances with the given weights, in double precision.
  func space(_ weights: [Double]) throws(ProblemError) -> MetricMeasureSpace {
    try MetricMeasureSpace(
      distances: Matrix(rows: count, columns: count, elements: elements.map(Double.init)), weights: weights)
  }
}

/// The views of one modality, computed from graphs of all cells and stored between landmarks.
///
/// Views of scale `lengths` are stored between all cells as well.
struct ModalityViews: Sendable {
  /// The indices of the landmarks; all cells in a small modality.
  let landmarks: [Int]
  /// The mass that each landmark represents: the fraction of cells nearest to it in the mean view, with half a cell
  /// added.
  let weights: [Double]
  /// One view per recipe, between landmarks.
  let between: [SingleDistances]
  /// One view per recipe of scale `lengths`, between all cells.
  let full: [SingleDistances]
  /// The mean over the views of the distances from all cells to the landmarks.
  let meanToLandmarks: Matrix
  /// The mean over the views of the distance ranks between landmarks.
  let meanRank: Matrix

  /// The distance of cells that no path joins, as a multiple of the longest path.
  private static let remote = 1.2

  /// Builds the views of the recipes.
  ///
  /// - Parameters:
  ///   - features: cells × features.
  ///   - landmarks: the indices of the landmarks.
  ///   - recipes: the views.
  ///   - name: the modality's name in error messages.
  /// - Throws: `AlignmentError` if all cells coincide in some view.
  init(_ features: Matrix, landmarks: [Int], recipes: [ViewRecipe], name: String) throws(AlignmentError) {
    self.landmarks = landmarks
    let base = BaseDistances(features)
    var distances: [ViewRecipe.Base: Matrix] = [:]
    for kind in ViewRecipe.Base.allCases where recipes.contains(where: { $0.base == kind }) {
      do { distances[kind] = try base.matrix(kind) } catch { throw .graph(name: name, error) }
      if distances[kind]?.elements.contains(where: { $0 > 0 }) != true { throw .coincident(name: name, base: kind) }
    }
    // One graph serves its views of lengths and of ranks. Graphs are built independently, and the parts that are kept
    // are assembled in order.
    let graphs = Dictionary(grouping: recipes.indices) { recipes[$0].graph }.values.sorted { $0[0] < $1[0] }
    var parts = [[View]](repeating: [], count: graphs.count)
    parts.withUnsafeMutableBufferPointer { parts in
      nonisolated(unsafe) let parts = parts
      let known = distances
      forEachIndependent(of: graphs.count) { index in
        guard let base = known[recipes[graphs[index][0]].base] else { return }
        parts[index] = Self.views(graphs[index].map { ($0, recipes[$0]) }, distances: base, landmarks: landmarks)
      }
    }
    let views = parts.joined().sorted { $0.index < $1.index }
    between = views.map(\.between)
    full = views.compactMap(\.full)
    func mean(_ matrices: [Matrix]) -> Matrix {
      var sum = Matrix(rows: matrices[0].rows, columns: matrices[0].columns)
      for matrix in matrices { sum.add(matrix) }
      return sum.map { $0 / Double(matrices.count) }
    }
    meanToLandmarks = mean(views.map(\.toLandmarks))
    let ranked = views.filter { recipes[$0.index].scale == .ranks }
    meanRank = mean((ranked.isEmpty ? views : ranked).map { $0.toLandmarks.selectingRows(landmarks) })
    weights = Self.voronoiWeights(meanToLandmarks)
  }

  /// The stored parts of one view.
  private struct View {
    let index: Int
    let toLandmarks: Matrix
    let between: SingleDistances
    let full: SingleDistances?
  }

  /// Computes the views of one graph, with path lengths by number of edges and by distance.
  private static func views(_ recipes: [(index: Int, recipe: ViewRecipe)], distances: Matrix, landmarks: [Int])
    -> [View]
  {
    let n = distances.rows
    let neighbors = min(max(Int((recipes[0].recipe.neighborShare * Double(n)).rounded()), 1), n - 1)
    let paths = NeighborhoodPaths(distances: distances, neighbors: neighbors)
    return EdgeLength.allCases.flatMap { edges -> [View] in
      let wanted = recipes.filter { $0.recipe.edges == edges }
      if wanted.isEmpty { return [] }
      let lengths = paths.lengths(edges, remote: remote)
      let largest = lengths.elements.reduce(0, max)
      // If all neighbors coincide, as with correlations of two features, every path has length 0 and the view is
      // uninformative.
      let scaled = largest > 0 ? lengths.map { $0 / largest } : lengths
      return wanted.map { index, recipe in
        let view = recipe.scale == .ranks ? ranks(scaled) : scaled
        let columns = Matrix(rows: n, columns: landmarks.count) { view[$0, landmarks[$1]] }
        return View(
          index: index, toLandmarks: columns, between: SingleDistances(columns.selectingRows(landmarks)),
          full: recipe.scale == .lengths ? SingleDistances(view) : nil)
      }
    }
  }

  /// The mean rank of each pair among all pairs, as a fraction of their number; 0 on the diagonal.
  ///
  /// - Parameters:
  ///   - lengths: the path lengths, n×n, symmetric.
  ///   - largestPacked: the largest n for which pairs are numbered in 32 bits; above it, positions are stored beside
  ///     the lengths.
  /// - Returns: the ranks, n×n, symmetric; ties share their mean rank.
  /// - Complexity: O(n² log n)
  static func ranks(_ lengths: Matrix, largestPacked: Int = 65_536) -> Matrix {
    let n = lengths.rows
    let count = n * (n - 1) / 2
    // Positive floats are ordered as their bit patterns. Lengths that agree to single precision are tied, because
    // sums along different paths differ by rounding.
    func bits(_ i: Int, _ j: Int) -> UInt32 { Float(lengths[i, j]).bitPattern }
    if n <= largestPacked {
      var order: [UInt64] = []
      order.reserveCapacity(count)
      for i in 0..<n { for j in 0..<i { order.append(UInt64(bits(i, j)) << 32 | UInt64(i * n + j)) } }
      order.sort()
      return meanRanks(order, of: n, length: { UInt32($0 >> 32) }, place: { Int($0 & 0xffff_ffff) })
    }
    var order: [(length: UInt32, place: Int)] = []
    order.reserveCapacity(count)
    for i in 0..<n { for j in 0..<i { order.append((bits(i, j), i * n + j)) } }
    order.sort { $0 < $1 }
    return meanRanks(order, of: n, length: \.length, place: \.place)
  }

  private static func meanRanks<Pair>(_ order: [Pair], of n: Int, length: (Pair) -> UInt32, place: (Pair) -> Int)
    -> Matrix
  {
    var ranks = Matrix(rows: n, columns: n)
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count, length(order[end]) == length(order[start]) { end += 1 }
      let rank = (Double(start + end) + 1) / 2 / Double(order.count)
      for position in start..<end {
        let (i, j) = place(order[position]).quotientAndRemainder(dividingBy: n)
        ranks[i, j] = rank
        ranks[j, i] = rank
      }
      start = end
    }
    return ranks
  }

  /// The fraction of cells nearest to each landmark, with ties divided evenly and half a cell added per landmark.
  private static func voronoiWeights(_ distances: Matrix) -> [Double] {
    var counts = [Double](repeating: 0.5, count: distances.columns)
    for i in 0..<distances.rows {
      let row = distances[row: i]
      let least = row.min() ?? 0
      let nearest = row.indices.filter { row[$0] <= least * (1 + 1e-12) }
      for index in nearest { counts[index - row.startIndex] += 1 / Double(nearest.count) }
    }
    let total = counts.reduce(0, +)
    return counts.map { $0 / total }
  }
}
