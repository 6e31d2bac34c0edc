import Datasets
import Documents
import Foundation
import LinearAlgebra
import Pipeline
import Support

/// Two modalities of the same cells whose features correspond as well, measured or drawn.
///
/// Rows and columns are shuffled, so that nothing of the pairing remains in their order.
struct ModalityData: Sendable {
  private enum Origin: Sendable {
    case drawn(cells: Int, features: Int, noise: Double)
    case files(first: InputReference, second: InputReference, features: [Int], scales: (Double, Double))
  }

  private let origin: Origin
  /// The fraction of the first modality's cells that are left out, and the number of features of the second that are
  /// kept.
  private let dropped: Double
  private let kept: Int?

  init(_ fields: Fields) throws(DocumentError) {
    if let generator = try fields.fields("generator", about: "drawn data instead of files") {
      origin = .drawn(
        cells: try generator.integer("cells", default: 60, in: 8...100_000, about: "cells in both modalities"),
        features: try generator.integer("features", default: 5, in: 2...1000, about: "features in both modalities"),
        noise: try generator.positiveNumber(
          "noise", default: 0.2, about: "the standard deviation of the noise; features have variance 1"))
    } else {
      let about = "a matrix of features × cells"
      origin = .files(
        first: try InputReference(try fields.fieldsOrEmpty("first", about: about), role: "data.first"),
        second: try InputReference(try fields.fieldsOrEmpty("second", about: about), role: "data.second"),
        features: try fields.integers(
          "features", in: 0...1_000_000,
          about: "the rows of both files to use; row q of one corresponds to row q of the other"),
        scales: (
          try fields.positiveNumber("firstScale", default: 1000, about: "s of log(1 + s x)"),
          try fields.positiveNumber("secondScale", default: 10, about: "s of log(1 + s x)")
        ))
    }
    dropped = try fields.number(
      "dropFirst", default: 0, in: .from(0, below: 1),
      about: "the fraction of the first modality's cells that is left out"
    )
    kept = try fields.optionalInteger(
      "keepSecond", in: 1...1_000_000, about: "keeps only this many features of the second modality, the first ones")
  }

  var inputs: [InputReference] { if case .files(let first, let second, _, _) = origin { [first, second] } else { [] } }

  struct Pair: Sendable {
    /// The first modality, cells × features, standardized and clipped at ±3.
    let first: Matrix
    let second: Matrix
    /// The row of the second modality that is the same cell as each row of the first.
    let partners: [Int]
    /// The column of the first modality that corresponds to each column of the second.
    let featurePartners: [Int]
    /// The names of the first modality's columns, which are rows of the file.
    let firstNames: [Int]
    let secondNames: [Int]
  }

  func load(_ context: RunContext, seed: Int) throws -> Pair {
    let (x, y, names) = try raw(context, seed: UInt64(seed))
    var random = SeededGenerator(seed: UInt64(seed), stream: "modality orders")
    let count = y.rows
    func relabeled(_ order: [Int], _ stream: String) -> [Int] {
      context.relabeling.order(order.count, stream).map { order[$0] }
    }
    let left = Array(random.permutation(count).dropLast(Int((dropped * Double(count)).rounded())))
    let firstCells = relabeled(left, "first cells")
    let secondCells = relabeled(random.permutation(count), "second cells")
    let firstFeatures = relabeled(random.permutation(names.count), "first features")
    let secondFeatures = relabeled(random.permutation(min(kept ?? names.count, names.count)), "second features")
    func chosen(_ matrix: Matrix, _ rows: [Int], _ columns: [Int]) -> Matrix {
      Matrix(rows: rows.count, columns: columns.count) { matrix[rows[$0], columns[$1]] }
    }
    var position = [Int](repeating: 0, count: count)
    for (place, cell) in secondCells.enumerated() { position[cell] = place }
    var column = [Int](repeating: 0, count: names.count)
    for (place, feature) in firstFeatures.enumerated() { column[feature] = place }
    return Pair(
      first: Self.standardized(chosen(x, firstCells, firstFeatures)),
      second: Self.standardized(chosen(y, secondCells, secondFeatures)),
      partners: firstCells.map { position[$0] }, featurePartners: secondFeatures.map { column[$0] },
      firstNames: firstFeatures.map { names[$0] }, secondNames: secondFeatures.map { names[$0] })
  }

  /// Returns both modalities as cells × features, with the names of the features.
  private func raw(_ context: RunContext, seed: UInt64) throws -> (Matrix, Matrix, [Int]) {
    switch origin {
    case .drawn(let cells, let features, let noise):
      // Each feature has a distribution of its own by which it can be recognized, and each cell a place in it.
      var random = SeededGenerator(seed: seed, stream: "modalities")
      let latent = Matrix(rows: cells, columns: features) { _, k in pow(random.uniform(), 1 + 1.5 * Double(k)) }
      func modality() -> Matrix {
        Matrix(rows: cells, columns: features) { latent[$0, $1] + 0.3 * noise * random.normal() }
      }
      return (modality(), modality(), Array(0..<features))
    case .files(let first, let second, let features, let scales):
      let (x, y) = (try read(first, features, scales.0, context), try read(second, features, scales.1, context))
      if x.rows != y.rows {
        throw DataError(
          .unfit, path: context.path(second), problem: "has \(y.rows) cells, but the first modality has \(x.rows)")
      }
      return (x, y, features)
    }
  }

  private func read(_ reference: InputReference, _ features: [Int], _ scale: Double, _ context: RunContext) throws
    -> Matrix
  {
    let path = context.path(reference)
    let values = try context.array(reference).matrix
    if let outside = features.first(where: { $0 >= values.rows }) {
      throw DataError(
        .unfit, path: path, problem: "has \(values.rows) features, but feature \(outside) (from 0) was asked for")
    }
    if let place = values.elements.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw DataError(
        .unfit, path: path,
        problem:
          """
          holds \(values.elements[place]) in row \(place / values.columns), column \(place % values.columns) (from 0); \
          finite nonnegative numbers were expected
          """
      )
    }
    return Matrix(rows: values.columns, columns: features.count) { log1p(scale * values[features[$1], $0]) }
  }

  /// Returns each column with mean 0 and variance 1, clipped at ±3.
  private static func standardized(_ values: Matrix) -> Matrix {
    var result = values
    for k in 0..<values.columns {
      let column = (0..<values.rows).map { values[$0, k] }
      let (mean, deviation) = (column.mean, column.standardDeviation(.population))
      for i in 0..<values.rows { result[i, k] = deviation > 0 ? min(max((column[i] - mean) / deviation, -3), 3) : 0 }
    }
    return result
  }
}
