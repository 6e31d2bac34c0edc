import Datasets
import Documents
import LinearAlgebra
import Pipeline

/// The source of two modalities: a generator, or files with features and labels.
struct AlignmentData: Sendable {
  private enum Origin: Sendable {
    case drawn(TwoViews.Shape, cells: Int, noise: Double, depth: Double)
    case files(first: InputReference, second: InputReference, firstLabels: InputReference, secondLabels: InputReference)
  }

  private let origin: Origin
  /// The number of rows that are read; all if nil.
  private let rows: Int?
  /// The names of the modalities and of the labels 1, 2, … in figures.
  let modalityNames: [String]
  let labelNames: [String]

  private static let roles = [
    "first": "features of the first modality, cells × features",
    "second": "features of the second modality, cells × features, in the same order of cells",
    "firstLabels": "labels of the first modality, one whole number for each cell",
    "secondLabels": "labels of the second modality, one whole number for each cell",
  ]

  init(_ fields: Fields) throws(DocumentError) {
    if let generator = try fields.fields("generator", about: "generated data instead of files") {
      origin = .drawn(
        try generator.choice("name", about: "the shape on which the cells lie"),
        cells: try generator.integer("cells", in: 8...100_000, about: "the number of cells"),
        noise: try generator.number(
          "noise", default: 0.05, in: .notNegative, about: "the standard deviation of the noise"
        ),
        depth: try generator.number(
          "depth", default: 0, in: .from(0, to: 3),
          about:
            """
            if positive, each row of each modality is multiplied by a random factor whose logarithm has this standard \
            deviation
            """
        ))
    } else {
      var references: [InputReference] = []
      for role in ["first", "second", "firstLabels", "secondLabels"] {
        references.append(
          try InputReference(try fields.fieldsOrEmpty(role, about: Self.roles[role] ?? ""), role: "data.\(role)"))
      }
      origin = .files(
        first: references[0], second: references[1], firstLabels: references[2], secondLabels: references[3])
    }
    rows = try fields.optionalInteger("rows", in: 8...1_000_000, about: "reads only this many rows of the files")
    let modalities = try fields.strings(
      "modalityNames", isStyling: true, about: "the names of the two modalities in figures")
    modalityNames = modalities.count == 2 ? modalities : ["modality 1", "modality 2"]
    labelNames = try fields.strings("labelNames", isStyling: true, about: "the names of the labels 1, 2, … in figures")
  }

  var inputs: [InputReference] {
    switch origin {
    case .drawn: []
    case .files(let first, let second, let firstLabels, let secondLabels): [first, second, firstLabels, secondLabels]
    }
  }

  /// Two feature matrices whose rows i are the same cell, with a label for each row.
  struct Pair {
    let first: Matrix
    let second: Matrix
    let firstLabels: [Int]
    let secondLabels: [Int]
    let firstName: String
    let secondName: String
  }

  func load(_ context: RunContext, seed: Int) throws -> Pair {
    switch origin {
    case .drawn(let shape, let cells, let noise, let depth):
      let tree = TwoViews(shape, cells: cells, noise: noise, depth: depth, seed: UInt64(seed))
      return Pair(
        first: tree.first, second: tree.second, firstLabels: tree.labels, secondLabels: tree.labels,
        firstName: "view 1",
        secondName: "view 2")
    case .files(let first, let second, let firstLabels, let secondLabels):
      let x = firstRows(try Self.features(try context.array(first), path: context.path(first)))
      let y = firstRows(try Self.features(try context.array(second), path: context.path(second)))
      guard x.rows == y.rows else {
        throw DataError(
          .unfit, path: context.path(second),
          problem:
            "has \(y.rows) rows, but \(context.path(first)) has \(x.rows), but row i of both must be the same cell")
      }
      return Pair(
        first: x, second: y,
        firstLabels: try labels(context.array(firstLabels), path: context.path(firstLabels), count: x.rows),
        secondLabels: try labels(context.array(secondLabels), path: context.path(secondLabels), count: y.rows),
        firstName: context.path(first), secondName: context.path(second))
    }
  }

  private static func features(_ array: NumericArray, path: String) throws -> Matrix {
    let matrix = array.matrix
    guard (1...2).contains(array.shape.count), matrix.rows >= 2, matrix.columns >= 1 else {
      throw DataError(
        .unfit, path: path, problem: "has the shape \(array.shapeText), but at least 2 rows of features were expected")
    }
    if let (row, column) = matrix.firstNonFinite {
      throw DataError(
        .unfit, path: path,
        problem:
          """
          holds \(matrix[row, column]) in row \(row), column \(column) (from 0), but only finite features can be \
          aligned
          """
      )
    }
    return matrix
  }

  private func firstRows(_ features: Matrix) -> Matrix {
    guard let rows, rows < features.rows else { return features }
    return features.selectingRows(Array(0..<rows))
  }

  private func labels(_ array: NumericArray, path: String, count: Int) throws -> [Int] {
    guard array.elements.count == count || (rows == count && array.elements.count > count) else {
      throw DataError(.unfit, path: path, problem: "has \(array.elements.count) labels, but there are \(count) cells")
    }
    return try array.elements.prefix(count).enumerated().map { index, value in
      guard let label = Int(exactly: value) else {
        throw DataError(
          .unfit, path: path,
          problem: "holds the label \(value) in row \(index) (from 0), but whole numbers were expected")
      }
      return label
    }
  }
}
