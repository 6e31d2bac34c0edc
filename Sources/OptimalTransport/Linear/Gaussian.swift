import LinearAlgebra

/// A Gaussian measure, which may lie in a subspace, or the Gaussian of the same mean and covariance as samples.
public struct Gaussian: Sendable {
  /// d numbers of magnitude at most 1e75.
  public let mean: [Double]
  /// Σ, d×d, symmetric and positive semidefinite.
  public let covariance: Matrix
  /// Of the covariance, whose eigenvalues below d·2⁻⁵⁰ of the largest count as zero.
  public let rank: Int
  /// Σ^{1/2}, symmetric.
  let root: Matrix
  /// Σ^{−1/2} on the range of Σ, zero beside it.
  let inverseRoot: Matrix

  /// - Parameters:
  ///   - mean: d numbers.
  ///   - covariance: d×d, symmetric to the last bit. Eigenvalues below zero by at most 1e-6 of the largest are what
  ///     rounding left, and count as zero.
  ///   - name: of the measure, for sentences.
  /// - Throws: `ProblemError` when sizes do not fit, a number is not finite or too large, or the covariance is not
  ///   symmetric or not positive semidefinite.
  public init(mean: [Double], covariance: Matrix, name: String = "the Gaussian") throws(ProblemError) {
    let d = mean.count
    if d == 0 { throw .empty(name: "the mean of \(name)") }
    try ProblemError.validate(covariance, named: "the covariance of \(name)", rows: d, columns: d)
    try ProblemError.validate(Matrix(rows: d, columns: 1, elements: mean), named: "the mean of \(name)", atMost: 1e75)
    try ProblemError.validate(covariance, named: "the covariance of \(name)", atMost: largestCost)
    for i in 0..<d {
      for j in 0..<i where covariance[i, j] != covariance[j, i] {
        throw .asymmetric(
          name: "the covariance of \(name)", row: i, column: j, value: covariance[i, j], mirrored: covariance[j, i])
      }
    }
    // In units of the largest element, so that nothing leaves the range of numbers on the way.
    let unit = max(covariance.elements.reduce(0) { max($0, abs($1)) }, .leastNormalMagnitude)
    guard let eigen = SymmetricEigen(covariance.map { $0 / unit }) else {
      throw .parameter(
        name: "the covariance of \(name)", found: "without eigenvalues", expected: "a matrix of finite numbers")
    }
    let largest = eigen.values.reduce(0) { max($0, abs($1)) }
    if let least = eigen.values.first, least < -1e-6 * largest {
      throw .parameter(
        name: "the least eigenvalue of the covariance of \(name)", found: "\(unit * least)",
        expected: "a number that is not negative")
    }
    let values = eigen.values.map { $0 > Double(d) * 0x1p-50 * largest ? $0 : 0 }
    self.mean = mean
    self.covariance = covariance
    rank = values.count { $0 > 0 }
    let size = unit.squareRoot()
    root = eigen.recomposed(values.map { size * $0.squareRoot() })
    inverseRoot = eigen.recomposed(values.map { $0 > 0 ? 1 / (size * $0.squareRoot()) : 0 })
  }

  /// The Gaussian of samples: their mean, and their covariance divided by the sum of the weights.
  ///
  /// - Parameters:
  ///   - samples: n×d, of magnitude at most 1e74.
  ///   - weights: n of any positive sum; uniform when nil.
  ///   - ridge: added to the diagonal of the covariance; not negative, at most 1e100.
  ///   - name: of the samples, for sentences.
  /// - Throws: `ProblemError` when sizes do not fit, a number is not finite, or a weight is negative.
  public init(samples: Matrix, weights: [Double]? = nil, ridge: Double = 0, name: String = "the samples")
    throws(ProblemError)
  {
    if samples.rows == 0 || samples.columns == 0 { throw .empty(name: name) }
    let given = weights ?? .uniform(samples.rows)
    if given.count != samples.rows {
      throw .shape(name: "the weights of \(name)", found: "\(given.count) elements", expected: "\(samples.rows)")
    }
    try ProblemError.validate(weights: given, named: "the weights of \(name)")
    try ProblemError.validate(samples, named: name, atMost: 1e74)
    if !(0...1e100).contains(ridge) {
      throw .parameter(name: "the ridge", found: "\(ridge)", expected: "a number from 0 to 1e100")
    }
    let largest = given.max() ?? 1
    let total = compensatedSum(given.map { $0 / largest })
    let shares = given.map { $0 / largest / total }
    let mean = (0..<samples.columns).map { k in
      compensatedSum((0..<samples.rows).lazy.map { shares[$0] * samples[$0, k] })
    }
    // By columns, each with the roots of the weights.
    let centred = Matrix(rows: samples.columns, columns: samples.rows) {
      (samples[$1, $0] - mean[$0]) * shares[$1].squareRoot()
    }
    let products = centred.transposedProduct(with: centred)
    let covariance = Matrix(rows: samples.columns, columns: samples.columns) { i, j in
      (products[i, j] + products[j, i]) / 2 + (i == j ? ridge : 0)
    }
    try self.init(mean: mean, covariance: covariance, name: name)
  }
}

extension SymmetricEigen {
  /// The symmetric matrix with these eigenvalues in place of its own.
  func recomposed(_ values: [Double]) -> Matrix {
    let scaled = Matrix(rows: values.count, columns: values.count) { values[$1] * vectors[$1, $0] }
    let product = scaled * vectors
    return Matrix(rows: values.count, columns: values.count) { (product[$0, $1] + product[$1, $0]) / 2 }
  }
}

/// How a factor A of a covariance AAᵀ is best met by a factor C of another: min over orthogonal Q of ‖A − CQ‖².
struct FactorAlignment {
  /// tr Q-part: the sum of the singular values of AᵀC.
  let singularSum: Double
  /// Those singular values that are not rounding.
  let rank: Int
  /// C V Uᵀ over those, of AᵀC = U Σ Vᵀ.
  let aligned: Matrix
  /// U Σ Uᵀ over those: the root of Aᵀ C Cᵀ A.
  let middle: Matrix
  /// min ‖A − CQ‖², the squared Bures–Wasserstein distance of the two covariances.
  let squaredDistance: Double

  /// Singular values come as eigenvalues of [[0, B], [Bᵀ, 0]], to the rounding of the largest: roots of the eigenvalues
  /// of BᵀB have half of the digits.
  init(_ a: Matrix, _ c: Matrix) throws(ProblemError) {
    let d = a.rows
    let (sizeA, sizeC) = (Matrix.length(a.elements), Matrix.length(c.elements))
    let unit = sizeA * sizeC
    guard unit > 0 else {
      (singularSum, rank, aligned, middle) = (0, 0, Matrix(rows: d, columns: d), Matrix(rows: d, columns: d))
      squaredDistance = sizeA * sizeA + sizeC * sizeC
      return
    }
    let (first, second) = (a.map { $0 / sizeA }, c.map { $0 / sizeC })
    let b = first.transposed * second
    let both = Matrix(rows: 2 * d, columns: 2 * d) { i, j in
      i < d ? (j < d ? 0 : b[i, j - d]) : (j < d ? b[j, i - d] : 0)
    }
    guard let eigen = SymmetricEigen(both) else {
      throw .parameter(
        name: "a product of covariances", found: "beyond the range of numbers", expected: "smaller covariances")
    }
    let present = (d..<2 * d).filter { eigen.values[$0] > Double(d) * 0x1p-48 }
    rank = present.count
    singularSum = unit * compensatedSum(eigen.values[d...].map { max($0, 0) })
    let root = 2.0.squareRoot()
    let u = Matrix(rows: present.count, columns: d) { root * eigen.vectors[present[$0], $1] }
    let v = Matrix(rows: present.count, columns: d) { root * eigen.vectors[present[$0], d + $1] }
    let values = present.map { eigen.values[$0] }
    let turned = second * v.transposed
    let unitAligned = turned * u
    aligned = unitAligned.map { $0 * sizeC }
    middle = (Matrix(rows: d, columns: present.count) { u[$1, $0] * values[$1] } * u).map { $0 * unit }
    let traces = sizeA * sizeA + sizeC * sizeC
    let difference = traces - 2 * singularSum
    if difference > 1e-8 * traces {
      squaredDistance = difference
    } else {
      // Where the traces cancel, squares keep the digits: what is met, and what of C has nothing to meet.
      let met = compensatedSum(zip(a.elements, aligned.elements).map { ($0 - $1) * ($0 - $1) })
      let rest = turned * v
      let left = compensatedSum(zip(second.elements, rest.elements).map { ($0 - $1) * ($0 - $1) })
      squaredDistance = met + left * sizeC * sizeC
    }
  }
}
