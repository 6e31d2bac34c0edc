import LinearAlgebra
import OptimalTransport

/// The input of `MultiViewAlignment`: two modalities with unknown correspondence of rows, each seen through many
/// views.
///
/// Initialization builds the views, in parallel: O(n³) additions and O(n² log n) sorting per view. Each view takes
/// n²/2 + 250 n numbers of memory.
public struct MultiViewProblem: Sendable {
  /// The features onto which an alignment projects: the given ones, or rows scaled to unit length.
  ///
  /// Rows of both modalities are scaled if, in either of them, the standard deviation of row lengths exceeds half of
  /// their mean, as is typical of sequencing depth.
  public let features: (first: Matrix, second: Matrix)
  /// Whether the rows of `features` were scaled to unit length.
  public let hasUnitRows: Bool
  /// The views that were built.
  public let recipes: [ViewRecipe]
  let first: ModalityViews
  let second: ModalityViews
  /// The views of all recipes between landmarks; views of scale `lengths` are held between all cells as well.
  let landmarkViews: JointViews
  let cellViews: JointViews

  /// The row indices of the cells that are aligned: all cells up to a limit, otherwise a random sample.
  public let cells: (first: [Int], second: [Int])
  /// The default maximum number of cells of a modality that are aligned directly.
  public static let mostAligned = 2500
  /// For each cell, the positions of the aligned cells whose mean image it takes.
  let guides: (first: [[Int]], second: [[Int]])
  /// Signs that the features are not ready for alignment, one sentence each.
  public let doubts: [String]
  /// The row indices of the landmarks, between which plans are sought first; all aligned cells in a small modality.
  public var landmarks: (first: [Int], second: [Int]) {
    (first.landmarks.map { cells.first[$0] }, second.landmarks.map { cells.second[$0] })
  }

  /// Builds the views of two modalities.
  ///
  /// - Parameters:
  ///   - first: the first modality, n cells × features, n at least 8.
  ///   - second: the second modality, m cells × its own features, m at least 8.
  ///   - recipes: the views; at least one of them of scale `lengths`.
  ///   - landmarks: the number of random landmarks of a modality of more than `threshold` cells.
  ///   - threshold: the largest number of cells of which all are landmarks.
  ///   - most: the largest number of cells that are aligned directly; a larger modality is subsampled at random, and
  ///     its other cells follow their neighbors.
  ///   - seed: the seed of subsampling and landmarks.
  ///   - names: the names of the modalities in error messages.
  /// - Throws: `AlignmentError` if a modality has too few cells or no features, a feature is not finite, all features
  ///   are too large or too small, or all cells coincide.
  public init(
    _ first: Matrix, _ second: Matrix, recipes: [ViewRecipe] = ViewRecipe.standard, landmarks: Int = 250,
    threshold: Int = 325,
    most: Int = mostAligned, seed: UInt64 = 1,
    names: (first: String, second: String) = ("the first modality", "the second modality")
  ) throws(AlignmentError) {
    try Self.validate(first, names.first, recipes)
    try Self.validate(second, names.second, recipes)
    if !recipes.contains(where: { $0.scale == .lengths }) {
      throw .parameter(
        .parameter(
          name: "the views", found: "\(recipes.count), none of scale lengths", expected: "at least one of scale lengths"
        ))
    }
    if landmarks < Self.fewestCells || threshold < landmarks {
      throw .parameter(
        .parameter(
          name: "the number of landmarks", found: "\(landmarks)",
          expected: "\(Self.fewestCells) to the threshold (\(threshold))"))
    }
    if most < landmarks {
      throw .parameter(
        .parameter(
          name: "the number of landmarks", found: "\(landmarks)",
          expected: "\(Self.fewestCells) to \(most) (the largest number of cells that are aligned)"))
    }
    if most < threshold {
      throw .parameter(
        .parameter(
          name: "the largest number of cells to align", found: "\(most)",
          expected: "at least the threshold (\(threshold))"))
    }
    func chosen(_ count: Int, of cells: Int, _ stream: String) -> [Int] {
      var random = SeededGenerator(seed: seed, stream: stream)
      return random.permutation(cells).prefix(count).sorted()
    }
    func views(_ features: Matrix, _ cells: [Int], _ name: String, _ stream: String) throws(AlignmentError)
      -> ModalityViews
    {
      let landmarks =
        cells.count > threshold ? chosen(landmarks, of: cells.count, "\(stream) landmarks") : Array(cells.indices)
      return try ModalityViews(features.selectingRows(cells), landmarks: landmarks, recipes: recipes, name: name)
    }
    cells = (
      first.rows > most ? chosen(most, of: first.rows, "first cells") : Array(0..<first.rows),
      second.rows > most ? chosen(most, of: second.rows, "second cells") : Array(0..<second.rows)
    )
    let (x, y) = (
      try views(first, cells.first, names.first, "first"), try views(second, cells.second, names.second, "second")
    )
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

  /// The smallest number of cells that can be aligned.
  public static let fewestCells = 8

  private static func validate(_ features: Matrix, _ name: String, _ recipes: [ViewRecipe]) throws(AlignmentError) {
    if features.rows < fewestCells { throw .tooFew(name: name, cells: features.rows) }
    if features.columns < 1 { throw .noFeatures(name: name) }
    if features.columns == 1, recipes.contains(where: \.base.comparesFeatures) { throw .oneFeature(name: name) }
    if let (row, column) = features.firstNonFinite {
      throw .notFinite(name: name, row: row, column: column, value: features[row, column])
    }
    // If all features are 0, all cells coincide.
    let magnitude = features.elements.reduce(0) { max($0, abs($1)) }
    if magnitude > 1e100 || (magnitude > 0 && magnitude < 1e-100) {
      throw .outOfRange(name: name, magnitude: magnitude)
    }
  }
}
