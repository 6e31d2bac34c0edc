import LinearAlgebra
import OptimalTransport

/// The most likely partners of every cell of one modality among the cells of the other.
public struct CellMatches: Sendable {
  /// The number of partners per cell: ten, or all cells of the other modality if there are fewer.
  public let count: Int
  /// The partners of each cell, cells × `count` in row-major order: row indices of the other modality by decreasing
  /// weight, ties by index.
  public let index: [Int]
  /// The fraction of the cell's mass that is sent to each partner, cells × `count`.
  ///
  /// A row sums to less than 1 if further cells receive the rest, or if mass stays unmatched.
  public let weight: Matrix

  static let most = 10

  /// Reads the partners of all cells from a plan between the aligned cells.
  ///
  /// - Parameters:
  ///   - plan: the plan between the aligned cells.
  ///   - masses: the mass of each row, by which its entries are divided.
  ///   - guides: for each cell, the rows of the plan whose mean it takes.
  ///   - targets: the cell that each column of the plan stands for.
  init(_ plan: Matrix, masses: [Double], guides: [[Int]], targets: [Int]) {
    let count = min(Self.most, plan.columns)
    self.count = count
    var index = [Int](repeating: 0, count: guides.count * count)
    var weight = Matrix(rows: guides.count, columns: count)
    index.withUnsafeMutableBufferPointer { index in
      weight.withUnsafeMutableElements { weight in
        nonisolated(unsafe) let (index, weight) = (index, weight)
        forEachChunk(of: guides.count, chunks: 16) { _, cells in
          for cell in cells {
            var row = [Double](repeating: 0, count: plan.columns)
            for guide in guides[cell] {
              let share = 1 / (masses[guide] * Double(guides[cell].count))
              for (j, mass) in plan[row: guide].enumerated() { row[j] += share * mass }
            }
            for (place, column) in Self.heaviest(count, of: row).enumerated() {
              index[cell * count + place] = targets[column]
              weight[cell * count + place] = row[column]
            }
          }
        }
      }
    }
    self.index = index
    self.weight = weight
  }

  /// The indices of the largest numbers in decreasing order; ties by index.
  private static func heaviest(_ count: Int, of row: [Double]) -> [Int] {
    var kept: [Int] = []
    for (place, value) in row.enumerated() where kept.count < count || value > row[kept[count - 1]] {
      if kept.count == count { kept.removeLast() }
      kept.insert(place, at: kept.firstIndex { row[$0] < value } ?? kept.count)
    }
    return kept
  }
}

extension MultiViewProblem {
  /// The partners of every cell of either modality in the other one.
  ///
  /// A cell that was not aligned itself takes the mean of the rows of its five nearest aligned cells.
  package func matches(_ coupling: Coupling) -> (firstToSecond: CellMatches, secondToFirst: CellMatches) {
    (
      CellMatches(coupling.plan, masses: coupling.source, guides: guides.first, targets: cells.second),
      CellMatches(coupling.plan.transposed, masses: coupling.target, guides: guides.second, targets: cells.first)
    )
  }

  /// For each cell, the positions of the aligned cells that it follows: itself if it is aligned, otherwise the five
  /// nearest.
  static func guides(_ features: Matrix, aligned: [Int]) -> [[Int]] {
    var guides = [[Int]](repeating: [], count: features.rows)
    for (place, cell) in aligned.enumerated() { guides[cell] = [place] }
    if aligned.count == features.rows { return guides }
    guides.withUnsafeMutableBufferPointer { guides in
      nonisolated(unsafe) let guides = guides
      forEachChunk(of: features.rows, chunks: 16) { _, cells in
        for cell in cells where guides[cell].isEmpty { guides[cell] = nearest(5, to: cell, among: aligned, features) }
      }
    }
    return guides
  }

  private static func nearest(_ count: Int, to cell: Int, among aligned: [Int], _ features: Matrix) -> [Int] {
    var kept: [(distance: Double, place: Int)] = []
    for (place, other) in aligned.enumerated() {
      let distance = squaredDistance(features[row: cell], features[row: other])
      guard kept.count < count || distance < kept[count - 1].distance else { continue }
      if kept.count == count { kept.removeLast() }
      kept.insert((distance, place), at: kept.firstIndex { $0.distance > distance } ?? kept.count)
    }
    return kept.map(\.place)
  }
}
