import LinearAlgebra
import OptimalTransport

/// The pixels of an image that have ink: their masses, with sum 1, and their adjacency, corners included.
struct ImageGraph: Sendable {
  let adjacency: Adjacency
  let masses: [Double]
  /// The edge density μᵀAμ, the fraction of pairs of ink that touch.
  let edgeDensity: Double

  var count: Int { masses.count }

  /// Creates the graph of an image, or nil if the image has no ink.
  ///
  /// - Parameters:
  ///   - ink: the rows of pixels; pixels that are not positive take no part.
  ///   - pixels: the pixels to use; all if nil.
  ///   - order: returns the order of a number of nodes; that of the pixels if nil.
  /// - Throws: `ExperimentError` if there is not enough memory.
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
