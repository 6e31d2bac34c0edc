import LinearAlgebra
import OptimalTransport

/// The pixels of an image that have ink: their masses, of sum 1, and which of them touch, corners included.
struct ImageGraph: Sendable {
  let adjacency: Adjacency
  let masses: [Double]
  /// μᵀAμ: the share of pairs of ink that touch.
  let edgeDensity: Double

  var count: Int { masses.count }

  /// - Parameters:
  ///   - ink: rows of pixels; those that are not positive take no part.
  ///   - pixels: which pixels there are; all when nil.
  ///   - numbered: the order of so many nodes; by pixels when nil.
  /// - Returns: nil when there is no ink.
  init?(_ ink: Matrix, pixels: [Int]? = nil, numbered order: ((Int) -> [Int])? = nil) throws {
    let inked = (pixels ?? Array(0..<ink.elements.count)).filter { ink.elements[$0] > 0 }.sorted()
    if inked.isEmpty { return nil }
    let places = order?(inked.count).map { inked[$0] } ?? inked
    var position = [Int](repeating: -1, count: ink.elements.count)
    for (index, place) in places.enumerated() { position[place] = index }
    var ones: [(row: Int, column: Int)] = []
    for (index, place) in places.enumerated() {
      let (i, j) = place.quotientAndRemainder(dividingBy: ink.columns)
      for row in max(i - 1, 0)...min(i + 1, ink.rows - 1) {
        for column in max(j - 1, 0)...min(j + 1, ink.columns - 1) {
          let other = position[row * ink.columns + column]
          if other >= 0, other != index { ones.append((index, other)) }
        }
      }
    }
    let total = compensatedSum(places.map { ink.elements[$0] })
    let masses = places.map { ink.elements[$0] / total }
    self.masses = masses
    adjacency = try Adjacency(rows: places.count, columns: places.count, ones: ones)
    edgeDensity = ones.reduce(0) { $0 + masses[$1.row] * masses[$1.column] }
  }

  func network() throws -> Hypernetwork { try .network(.adjacency(adjacency), weights: masses) }
}
