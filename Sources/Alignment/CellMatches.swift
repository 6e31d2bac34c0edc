import LinearAlgebra
import OptimalTransport

/// The likeliest partners of every cell of one modality among the other's.
public struct CellMatches: Sendable {
  /// How many partners each cell has: ten, or all where there are fewer.
  public let count: Int
  /// Cells × count, by rows: the other modality's rows, the heaviest first, those of equal weight by index.
  public let index: [Int]
  /// Cells × count: the share of the cell's mass that goes to each. A row sums to less than 1 where other cells take the rest, or mass goes unmatched.
  public let weight: Matrix

  static let most = 10

  /// - Parameters:
  ///   - plan: of the aligned cells.
  ///   - masses: the plan's rows are shares of these.
  ///   - guides: of each cell, the rows of the plan whose mean is its own.
  ///   - targets: which cells the columns are.
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

  /// The places of the largest numbers, in falling order, equal ones by place.
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
  /// The partners of every cell of the first modality in the second, and the other way round. A cell that was not aligned itself takes the mean of its five
  /// nearest aligned cells' rows of the plan.
  package func matches(_ coupling: Coupling) -> (firstToSecond: CellMatches, secondToFirst: CellMatches) {
    (
      CellMatches(coupling.plan, masses: coupling.source, guides: guides.first, targets: cells.second),
      CellMatches(coupling.plan.transposed, masses: coupling.target, guides: guides.second, targets: cells.first)
    )
  }

  /// For each cell the aligned cells, by their place among these, that it follows: itself where it is one of them, else the five nearest.
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
