import LinearAlgebra
import OptimalTransport

/// Two modalities whose rows are not known to belong together, seen from several sides: what `MultiViewAlignment` aligns.
///
/// Making it builds the views: O(n³) additions and O(n² log n) sorting for each, on all threads; n²/2 + 250 n numbers of memory a view.
public struct MultiViewProblem: Sendable {
  /// The features that an alignment projects onto: as given, or rows scaled to unit length, in both modalities, when in one of them the lengths of rows
  /// vary by more than half of their mean (standard deviation), as sequencing depth makes them.
  public let features: (first: Matrix, second: Matrix)
  /// Whether they are rows of unit length.
  public let hasUnitRows: Bool
  public let recipes: [ViewRecipe]
  let first: ModalityViews
  let second: ModalityViews
  /// The recipes' views between landmarks, and those of plain lengths between all cells.
  let landmarkViews: JointViews
  let cellViews: JointViews

  /// The cells that are aligned, by row: all of them up to a limit, else a seeded choice.
  public let cells: (first: [Int], second: [Int])
  /// How many of a modality's cells are aligned themselves at most.
  public static let mostAligned = 2500
  /// For each cell the aligned cells, by place, whose images are its own in the mean.
  let guides: (first: [[Int]], second: [[Int]])
  /// What speaks against features like these, a sentence each.
  public let doubts: [String]
  /// Those among which plans are sought first, by row; all aligned cells in small modalities.
  public var landmarks: (first: [Int], second: [Int]) {
    (first.landmarks.map { cells.first[$0] }, second.landmarks.map { cells.second[$0] })
  }

  /// - Parameters:
  ///   - first: n cells × features, n at least 8.
  ///   - second: m cells × features of its own.
  ///   - recipes: the views; at least one, some of them of scale `lengths`.
  ///   - landmarks: how many seeded random cells stand for a modality of more than `threshold` cells.
  ///   - threshold: as above.
  ///   - most: the cells of larger modalities are thinned out to this number, at random; the others follow their neighbours.
  ///   - seed: draws the landmarks.
  ///   - names: how errors call the modalities.
  /// - Throws: `AlignmentError` when a modality has too few cells or no features, a feature is not finite, all are too large
  ///   or too small, or all cells coincide.
  public init(
    _ first: Matrix, _ second: Matrix, recipes: [ViewRecipe] = ViewRecipe.standard, landmarks: Int = 250, threshold: Int = 325,
    most: Int = mostAligned, seed: UInt64 = 1, names: (first: String, second: String) = ("the first modality", "the second modality")
  ) throws(AlignmentError) {
    try Self.validate(first, names.first, recipes)
    try Self.validate(second, names.second, recipes)
    if !recipes.contains(where: { $0.scale == .lengths }) {
      throw .parameter(.parameter(name: "the views", found: "\(recipes.count), none of lengths", expected: "some of lengths"))
    }
    if landmarks < Self.fewestCells || threshold < landmarks {
      throw .parameter(
        .parameter(name: "the number of landmarks", found: "\(landmarks)", expected: "\(Self.fewestCells) to the threshold (\(threshold))"))
    }
    if most < landmarks {
      throw .parameter(
        .parameter(
          name: "the number of landmarks", found: "\(landmarks)",
          expected: "\(Self.fewestCells) to \(most) (the most cells that are aligned)"))
    }
    if most < threshold {
      throw .parameter(.parameter(name: "the most cells to align", found: "\(most)", expected: "at least the threshold (\(threshold))"))
    }
    func chosen(_ count: Int, of cells: Int, _ stream: String) -> [Int] {
      var random = SeededGenerator(seed: seed, stream: stream)
      return random.permutation(cells).prefix(count).sorted()
    }
    func views(_ features: Matrix, _ cells: [Int], _ name: String, _ stream: String) throws(AlignmentError) -> ModalityViews {
      let landmarks = cells.count > threshold ? chosen(landmarks, of: cells.count, "\(stream) landmarks") : Array(cells.indices)
      return try ModalityViews(features.selectingRows(cells), landmarks: landmarks, recipes: recipes, name: name)
    }
    cells = (
      first.rows > most ? chosen(most, of: first.rows, "first cells") : Array(0..<first.rows),
      second.rows > most ? chosen(most, of: second.rows, "second cells") : Array(0..<second.rows)
    )
    let (x, y) = (try views(first, cells.first, names.first, "first"), try views(second, cells.second, names.second, "second"))
    (self.first, self.second, self.recipes) = (x, y, recipes)
    landmarkViews = JointViews(
      recipes.indices.map { CrossView(x.between[$0], y.between[$0], source: x.weights, target: y.weights) })
    let (a, b) = ([Double].uniform(cells.first.count), [Double].uniform(cells.second.count))
    cellViews = JointViews(x.full.indices.map { CrossView(x.full[$0], y.full[$0], source: a, target: b) })
    let isDeep = DepthRule.applies(to: first) || DepthRule.applies(to: second)
    hasUnitRows = isDeep
    features = isDeep ? (unitRows(first), unitRows(second)) : (first, second)
    guides = (Self.guides(features.first, aligned: cells.first), Self.guides(features.second, aligned: cells.second))
    doubts = FeatureDoubts.sentences(first, names.first) + FeatureDoubts.sentences(second, names.second)
  }

  /// The fewest cells that have a geometry to speak of.
  public static let fewestCells = 8

  private static func validate(_ features: Matrix, _ name: String, _ recipes: [ViewRecipe]) throws(AlignmentError) {
    if features.rows < fewestCells { throw .tooFew(name: name, cells: features.rows) }
    if features.columns < 1 { throw .noFeatures(name: name) }
    if features.columns == 1, recipes.contains(where: \.base.comparesFeatures) { throw .oneFeature(name: name) }
    if let (row, column) = features.firstNonFinite {
      throw .notFinite(name: name, row: row, column: column, value: features[row, column])
    }
    // Where all are 0, all cells coincide.
    let magnitude = features.elements.reduce(0) { max($0, abs($1)) }
    if magnitude > 1e100 || (magnitude > 0 && magnitude < 1e-100) { throw .outOfRange(name: name, magnitude: magnitude) }
  }
}
