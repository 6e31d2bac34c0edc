import CKernels
import LinearAlgebra

/// The linear cost that a plan P induces in quadratic transport problems with square loss, such as
/// Gromov–Wasserstein.
///
/// It is
///
///     T(P)_ij = Σ_kl (D1_ik − D2_jl)² P_kl = (q(D1) P1)_i + (q(D2) Pᵀ1)_j − 2 (D1 P D2ᵀ)_ij,     q(D) = D∘D,
///
/// so that ⟨T(P), P⟩ = GW²(P). All variants are linear in P and have the form
///
///     T(P) = R(P1) ⊕ C(Pᵀ1) − 2 Σ_t w_t A_t P B_tᵀ
///
/// with one term for symmetric distances or for two data tables (CO-optimal transport), two for asymmetric distances
/// (where T is symmetrized, so that its gradient is 2T), and two for a proximity kernel. A refresh takes two matrix
/// products per term, and all memory is allocated once.
///
/// A refresh may instead add the product of the *change* of the plan in single precision, in half the time. Its error
/// is 6e-8 of a change that shrinks as the iteration converges.
package struct QuadraticCost {
  struct Term {
    let weight: Double
    let left: DistanceOperator
    let right: DistanceOperator
  }

  private let terms: [Term]
  private let rowTerm: ([Double]) -> [Double]
  private let columnTerm: (([Double]) -> [Double])?
  private var half: Matrix
  private var product: Matrix
  private var singles: [SinglePrecisionProduct]
  private let plans: (rows: Int, columns: Int)
  /// The plan whose product is stored; nil before the first refresh.
  private var previous: Matrix?
  /// The error bound 6e-8 Σ |changes| since the product was last computed in double, in units of the largest
  /// distances.
  private var drift = 0.0
  /// T(P) of the plan of the last refresh.
  ///
  /// A caller may swap it for another matrix of the same shape in order to keep it without a copy.
  package var matrix: Matrix

  /// The unit roundoff of single precision.
  private static let singleRoundoff = 6e-8
  /// The accumulated error, as a fraction of the plan's latest change, beyond which the product is computed anew.
  private static let allowedDrift = 1e-4

  init(
    terms: [Term], rowTerm: @escaping ([Double]) -> [Double], columnTerm: (([Double]) -> [Double])?,
    isMixed: Bool = false
  ) {
    self.terms = terms
    self.rowTerm = rowTerm
    self.columnTerm = columnTerm
    let (left, right) = (terms[0].left, terms[0].right)
    plans = (left.columns, right.columns)
    half = Matrix(rows: left.rows, columns: right.columns)
    product = Matrix(rows: left.rows, columns: right.rows)
    matrix = product
    singles = isMixed ? terms.compactMap { SinglePrecisionProduct($0) } : []
    if singles.count != terms.count { singles = [] }
  }

  /// Creates the cost between the points of two spaces, T(P)_ij = Σ_kl K_ik (D1_ik − D2_jl)² P_kl.
  ///
  /// - Parameters:
  ///   - source: the distances D1.
  ///   - target: the distances D2.
  ///   - proximity: the kernel K, for symmetric geometries only; all ones if nil.
  ///   - isMixed: whether to keep single-precision copies for inexact refreshes.
  init(_ source: DistanceGeometry, _ target: DistanceGeometry, proximity: Matrix?, isMixed: Bool) {
    let geometries = DistanceGeometry.centered(source, target)
    let (left, right) = (geometries.source.operators, geometries.target.operators)
    if let kernel = proximity {
      let (d1, d2) = (geometries.source.matrix, geometries.target.matrix)
      let weighted = DistanceOperator.matrix(d1.hadamard(kernel))
      let squares = d1.hadamard(d1).hadamard(kernel)
      self.init(
        terms: [
          Term(weight: 1, left: weighted, right: .matrix(d2)),
          Term(weight: -0.5, left: .matrix(kernel), right: .matrix(d2.hadamard(d2))),
        ], rowTerm: { squares * $0 }, columnTerm: nil, isMixed: isMixed)
    } else {
      // A symmetric side has one operator, which is its own transpose.
      let count = max(left.count, right.count)
      self.init(
        terms: (0..<count).map {
          Term(weight: 1 / Double(count), left: left[$0 % left.count], right: right[$0 % right.count])
        },
        rowTerm: { Self.mean(left, $0) }, columnTerm: { Self.mean(right, $0) }, isMixed: isMixed)
    }
  }

  /// Creates the cost between rows that a plan Q between columns induces, T(Q)_ij = Σ_kl (X_ik − Y_jl)² Q_kl.
  package init(rowsOf x: Matrix, _ y: Matrix) {
    let (left, right) = (DistanceOperator.matrix(x), DistanceOperator.matrix(y))
    self.init(
      terms: [Term(weight: 1, left: left, right: right)], rowTerm: { left.squaresApplied(to: $0) },
      columnTerm: { right.squaresApplied(to: $0) })
  }

  private static func mean(_ operators: [DistanceOperator], _ w: [Double]) -> [Double] {
    let sums = operators.map { $0.squaresApplied(to: w) }
    return sums.count == 1 ? sums[0] : sums[0].indices.map { i in sums.reduce(0) { $0 + $1[i] } / Double(sums.count) }
  }

  /// Computes T(P) and returns ⟨T(P), P⟩ if T(P) has the shape of P.
  ///
  /// - Parameters:
  ///   - plan: P.
  ///   - exactly: whether to compute in double precision throughout, as reported values require; otherwise to 1e-4 of
  ///     the plan's change since the last refresh.
  /// - Returns: ⟨T(P), P⟩, or 0 if the shapes differ.
  @discardableResult
  package mutating func refresh(_ plan: Matrix, exactly: Bool = true) -> Double {
    refreshProduct(plan, exactly: exactly)
    assemble(rowSums: plan.rowSums, columnSums: plan.columnSums)
    guard plan.rows == matrix.rows && plan.columns == matrix.columns else { return 0 }
    return dot(matrix.elements, plan.elements)
  }

  /// Computes T(P) of the product plan P = x yᵀ without matrix products, up to a function of the rows and one of the
  /// columns.
  ///
  /// Steps between plans of equal marginals are unaffected by these functions. If T is otherwise constant, as between
  /// symmetric spaces, only rounding error remains.
  ///
  /// - Parameters:
  ///   - x: the row weights.
  ///   - y: the column weights.
  /// - Returns: ⟨T(P), P⟩.
  package mutating func refresh(outer x: [Double], _ y: [Double]) -> Double {
    let (column, row) = (Matrix(rows: x.count, columns: 1, elements: x), Matrix(rows: 1, columns: y.count, elements: y))
    let (xMass, yMass) = (compensatedSum(x), compensatedSum(y))
    var (left, right) = (Matrix(rows: half.rows, columns: 1), Matrix(rows: 1, columns: matrix.columns))
    var value = 0.0
    for (position, term) in terms.enumerated() {
      term.left.apply(to: column, into: &left)
      term.right.applyTransposed(to: row, scale: term.weight, overwriting: true, into: &right)
      let means = (dot(left.elements, x) / xMass, dot(right.elements, y) / yMass)
      value -= 2 * means.0 * xMass * means.1 * yMass
      product.addTransposedProduct(
        left.map { $0 - means.0 }, right.transposed.map { $0 - means.1 }, overwriting: position == 0)
    }
    previous = nil
    value += dot(rowTerm(x), x) * yMass * yMass
    if let columnTerm { value += dot(columnTerm(y), y) * xMass * xMass }
    matrix = product.map { -2 * $0 }
    return max(0, value)
  }

  /// Computes T(S) of a sparse plan S, for which the first product of each term is sparse.
  package mutating func refresh(_ entries: [PlanEntry]) {
    for (position, term) in terms.enumerated() {
      term.left.apply(to: entries, columns: plans.columns, into: &half)
      term.right.applyTransposed(to: half, scale: term.weight, overwriting: position == 0, into: &product)
    }
    previous = nil
    var (rowSums, columnSums) = (
      [Double](repeating: 0, count: plans.rows), [Double](repeating: 0, count: plans.columns)
    )
    for entry in entries {
      rowSums[entry.row] += entry.mass
      columnSums[entry.column] += entry.mass
    }
    assemble(rowSums: rowSums, columnSums: columnSums)
  }

  private mutating func assemble(rowSums: [Double], columnSums: [Double]) {
    let rows = rowTerm(rowSums)
    let columns = columnTerm?(columnSums) ?? [Double](repeating: 0, count: matrix.columns)
    let count = matrix.columns
    matrix.withUnsafeMutableElements { cost in
      product.withUnsafeElements { product in
        for (i, row) in rows.enumerated() {
          ck_quadratic_row(row, columns, product + i * count, cost + i * count, count)
        }
      }
    }
  }

  private mutating func refreshProduct(_ plan: Matrix, exactly: Bool) {
    if !singles.isEmpty {
      if previous == nil {
        previous = plan
      } else {
        let change = singles[0].takeChange(of: plan, from: &previous)
        drift += Self.singleRoundoff * change
        if !exactly, drift <= Self.allowedDrift * change {
          for index in singles.indices { singles[index].addProduct(of: singles[0].change, to: &product) }
          return
        }
      }
    }
    for (position, term) in terms.enumerated() {
      term.left.apply(to: plan, into: &half)
      term.right.applyTransposed(to: half, scale: term.weight, overwriting: position == 0, into: &product)
    }
    drift = 0
  }
}

extension Matrix {
  /// Returns the elementwise (Hadamard) product with a matrix of the same shape.
  func hadamard(_ other: Matrix) -> Matrix {
    precondition(rows == other.rows && columns == other.columns, "elementwise products need matrices of the same shape")
    return Matrix(rows: rows, columns: columns, elements: zip(elements, other.elements).map { $0 * $1 })
  }
}
