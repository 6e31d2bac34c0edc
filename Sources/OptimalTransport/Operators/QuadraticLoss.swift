import Glibc
import LinearAlgebra

/// How a quadratic problem compares a distance a = D1_ik of the source with a distance b = D2_jl of the target.
public enum QuadraticLoss: Sendable, Equatable {
  /// (a − b)².
  case square
  /// KL(a | b) = a log(a/b) − a + b, with 0 log 0 = 0 (Peyré, Cuturi, Solomon 2016): for similarities, such as kernels,
  /// more than for distances, since it is infinite where b = 0 and a > 0. It is not symmetric in its arguments, and n
  /// times as large for distances n times as large.
  ///
  /// - Parameter floor: smaller numbers of D2 are raised to it, in the units of D2. At 0, zeros between points with
  ///   weight are refused, which the diagonal of any distance matrix has.
  case kl(floor: Double = 0)
}

extension QuadraticLoss {
  /// The loss of one pair of distances: never negative, and 0 where they agree.
  func value(_ a: Double, _ b: Double) -> Double {
    if self == .square { return (a - b) * (a - b) }
    if a == 0 { return b }
    if b == 0 { return .infinity }
    return b * Self.ratioLoss(a / b, excess: (a - b) / b)
  }

  /// t log t − t + 1 for t = 1 + x ≥ 0.
  fileprivate static func ratioLoss(_ t: Double, excess x: Double) -> Double {
    if t == 0 { return 1 }
    return max(0, t * logarithm(t, excess: x) - x)
  }

  /// log t for t = 1 + x, by the one of them that has its digits.
  fileprivate static func logarithm(_ t: Double, excess x: Double) -> Double { abs(x) < 0.5 ? log1p(x) : log(t) }
}

/// The loss a log(a/b) − a + b between all pairs of two matrices as f1(a) + f2(b) − h1(a) h2(b). With a number s amid
/// all of them
///
///     f1 = a log(a/s) − a + s,     f2 = b − s − s log(b/s),     h1 = a − s,     h2 = log(b/s),
///
/// so that each part is small where all distances are nearly s, and none is what is left of two large numbers.
struct KLDecomposition {
  /// f1 and h1 of the source's distances.
  let source: (term: Matrix, factor: Matrix)
  /// f2 and h2 of the target's; of zeros, which stand where no plan has mass or all a are 0, as of log 0 = 0.
  let target: (term: Matrix, factor: Matrix)

  init(_ source: Matrix, _ target: Matrix) {
    let range = OffDiagonalRange([source, target])
    let largest = max(source.elements.max() ?? 0, target.elements.max() ?? 0)
    let s = range.middle > 0 ? range.middle : largest > 0 ? largest : 1
    self.source = (source.map { s * QuadraticLoss.ratioLoss($0 / s, excess: ($0 - s) / s) }, source.map { $0 - s })
    let logarithms = target.map { $0 > 0 ? QuadraticLoss.logarithm($0 / s, excess: ($0 - s) / s) : 0 }
    self.target = (
      Matrix(
        rows: target.rows, columns: target.columns,
        elements: zip(target.elements, logarithms.elements).map { $0 - s - s * $1 }), logarithms
    )
  }
}

extension QuadraticCost {
  /// The cost T(P)_ij = Σ_kl KL(D1_ik | D2_jl) P_kl between the points of two spaces, which are held as matrices.
  init(entropyBetween source: DistanceGeometry, _ target: DistanceGeometry, isMixed: Bool) {
    let parts = KLDecomposition(source.matrix, target.matrix)
    let (left, right) = (source.directions(parts.source.factor), target.directions(parts.target.factor))
    let (rows, columns) = (source.directions(parts.source.term), target.directions(parts.target.term))
    let count = max(left.count, right.count)
    self.init(
      terms: (0..<count).map {
        Term(weight: 0.5 / Double(count), left: .matrix(left[$0 % left.count]), right: .matrix(right[$0 % right.count]))
      }, rowTerm: { Self.mean(rows, $0) }, columnTerm: { Self.mean(columns, $0) }, isMixed: isMixed)
  }

  private static func mean(_ matrices: [Matrix], _ w: [Double]) -> [Double] {
    let sums = matrices.map { $0 * w }
    return sums.count == 1 ? sums[0] : sums[0].indices.map { i in sums.reduce(0) { $0 + $1[i] } / Double(sums.count) }
  }
}

extension DistanceGeometry {
  /// A function of the distances, and in reverse where that is another one.
  fileprivate func directions(_ matrix: Matrix) -> [Matrix] {
    if case .asymmetric = self { return [matrix, matrix.transposed] }
    return [matrix]
  }
}

extension QuadraticLoss {
  /// Two spaces as the loss compares them: with matrices whose numbers it is defined for, D2 raised to the floor.
  func comparable(
    _ source: MetricMeasureSpace, _ target: MetricMeasureSpace
  ) throws(ProblemError) -> (MetricMeasureSpace, MetricMeasureSpace) {
    guard case .kl(let floor) = self else { return (source, target) }
    if !(0...largestDistance).contains(floor) {
      throw .parameter(
        name: "the floor of the loss kl", found: "\(floor)", expected: "a number from 0 to \(largestDistance)")
    }
    for space in [source, target] {
      try ProblemError.validate(matrices: 3, rows: space.count, columns: space.count, named: "a space")
    }
    let (d1, d2) = (source.distances, target.distances.map { max($0, floor) })
    for (name, distances) in [("source", d1), ("target", target.distances)] {
      guard let index = distances.elements.firstIndex(where: { $0 < 0 }) else { continue }
      throw .parameter(
        name: "the \(name)'s distance at (\(index / distances.columns), \(index % distances.columns))",
        found: "\(distances.elements[index])",
        expected: "a number that is not negative, for the loss kl")
    }
    if let (j, l) = Self.firstPair(d2, target.weights, where: { $0 == 0 }),
      Self.firstPair(d1, source.weights, where: { $0 > 0 }) != nil
    {
      throw .parameter(
        name: "the target's distance at (\(j), \(l))", found: "0.0",
        expected:
          """
          a positive number, since the loss kl is infinite there beside any other; similarities have none, and a floor \
          raises it
          """
      )
    }
    return (
      try MetricMeasureSpace(geometry: source.geometry.holding(d1), weights: source.weights, name: "the source"),
      try MetricMeasureSpace(geometry: target.geometry.holding(d2), weights: target.weights, name: "the target")
    )
  }

  /// The first pair of points with weight whose distance is such.
  private static func firstPair(_ distances: Matrix, _ weights: [Double], where holds: (Double) -> Bool) -> (Int, Int)?
  {
    for j in weights.indices where weights[j] > 0 {
      for l in weights.indices where weights[l] > 0 && holds(distances[j, l]) { return (j, l) }
    }
    return nil
  }
}

extension DistanceGeometry {
  /// These distances as a matrix.
  fileprivate func holding(_ distances: Matrix) -> DistanceGeometry {
    if case .asymmetric = self { return .asymmetric(distances) }
    return .symmetric(distances)
  }
}
