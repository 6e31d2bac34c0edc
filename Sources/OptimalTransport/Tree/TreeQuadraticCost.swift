import LinearAlgebra

/// The costs C_e = c_e (α_e T_e + (1 − α_e)/2 m(γ) M_e) that edge plans γ_e induce.
///
/// Here
///
///     T_e(x, y) = ∬ (d_i(x, x') − d_j(y, y'))² dγ_e(x', y')
///               = (q(D_i) γ_i)(x) + (q(D_j) γ_j)(y) − 2 (D_i γ_e D_j)(x, y).
///
/// Points with a negligible fraction of the mass are omitted from the inner dimensions of the products
/// (`DistanceProducts`); at small ε the mass of a barycenter occupies only a part of its grid. Copies of a point
/// share their products.
struct TreeQuadraticCost {
  private let problem: TreeGromovWassersteinProblem
  private let distances: [SpaceDistances]

  /// The larger one of max D² of each edge's two spaces, the scale of its costs.
  let sizes: [Double]
  /// c_e m/2 of edges with a linear cost while the mass is prescribed: their costs are the same in every step.
  private let constants: [Double?]
  private let single = DistanceProducts<Float>()
  private let double = DistanceProducts<Double>()

  init(_ problem: TreeGromovWassersteinProblem) {
    self.problem = problem
    let mass = problem.spaces.map(\.marginal).first(where: \.isFixed).map { compensatedSum($0.weights ?? []) }
    constants = problem.edgeCosts.map { cost in cost.alpha > 0 ? nil : mass.map { $0 * cost.weight / 2 } }
    let plain = problem.spaces.map { SpaceDistances($0, shift: 0, multiplies: false) }
    let summaries = zip(plain, problem.spaces).map {
      $0.summary($0.gathered($1.marginal.weights ?? .uniform($1.marginal.count)))
    }
    let shift = summaries.reduce(0) { $0 + $1.mean } / Double(max(summaries.count, 1))
    distances = problem.spaces.map { SpaceDistances($0, shift: shift) }
    sizes = problem.topology.edges.map { edge in
      let largest = max(summaries[edge.first].largest, summaries[edge.second].largest)
      return largest * largest
    }
  }

  /// Returns q(D_i) γ_i of each node, at its base points.
  func squares(_ nodeMarginals: [[Double]]) -> [[Double]] {
    zip(distances, nodeMarginals).map { $0.squares($0.gathered($1)) }
  }

  /// Allocates the costs of all edges and computes those that are constant.
  func initial<Scalar>(as _: Scalar.Type) -> [EdgeMatrix<Scalar>] {
    problem.topology.edges.enumerated().map { index, edge in
      let cost = EdgeMatrix<Scalar>(
        rows: problem.spaces[edge.first].marginal.count, columns: problem.spaces[edge.second].marginal.count)
      if let factor = constants[index], let features = problem.edgeCosts[index].features {
        for (place, value) in features.elements.enumerated() { cost.elements[place] = Scalar(factor * value) }
      }
      return cost
    }
  }

  /// Converts costs from another precision, with constant costs rounded anew.
  func continued<Scalar, Other>(_ costs: [EdgeMatrix<Other>]) -> [EdgeMatrix<Scalar>] {
    zip(initial(as: Scalar.self), costs).enumerated().map { index, pair in
      constants[index] == nil ? EdgeMatrix(converting: pair.1) : pair.0
    }
  }

  /// The constant costs that are sums over the axes of lattices.
  var separable: [SeparableCost?] {
    problem.topology.edges.enumerated().map { index, edge in
      let (first, second) = (problem.spaces[edge.first], problem.spaces[edge.second])
      guard let factor = constants[index], let features = problem.edgeCosts[index].features,
        first.copies * second.copies == 1
      else {
        return nil
      }
      return SeparableCost(features, first.geometry, second.geometry).map { SeparableCost($0, scaledBy: factor) }
    }
  }

  /// The linear feature term Σ c_e (1 − α_e)/2 ⟨M_e, γ_e⟩.
  ///
  /// - Parameters:
  ///   - plans: γ_e of each edge.
  ///   - paired: ⟨C_e(γ), γ_e⟩ of each edge.
  ///   - mass: m(γ).
  /// - Returns: the sum over all edges.
  func featureTerm<Scalar>(_ plans: [EdgeMatrix<Scalar>], paired: [Double], mass: Double) -> Double {
    plans.indices.reduce(0) { sum, index in
      let cost = problem.edgeCosts[index]
      return sum
        + (constants[index] == nil
          ? cost.weight * (1 - cost.alpha) / 2 * cost.featureCost(of: plans[index]) : paired[index] / mass)
    }
  }

  /// Computes the costs from the plans, or averages them with the old costs.
  ///
  /// - Parameters:
  ///   - costs: overwritten by the new costs.
  ///   - plans: γ_e of each edge.
  ///   - nodeMarginals: γ_i of each node.
  ///   - mass: m(γ).
  ///   - oldWeight: the weight of the old costs in the average.
  /// - Returns: ⟨C_e(γ), γ_e⟩ of each edge, with the new costs.
  func refresh<Scalar>(
    _ costs: [EdgeMatrix<Scalar>], _ plans: [EdgeMatrix<Scalar>], _ nodeMarginals: [[Double]], mass: Double,
    oldWeight: Double = 0
  ) -> [Double] {
    let squares = squares(nodeMarginals)
    return problem.topology.edges.indices.map { index in
      let (edge, plan, cost) = (problem.topology.edges[index], plans[index], costs[index])
      if constants[index] != nil { return Scalar.dot(cost.elements, plan.elements, plan.count) }
      let term = problem.edgeCosts[index]
      let weights = CostRowCoefficients(
        quadratic: term.weight * term.alpha, features: term.weight * (1 - term.alpha) / 2 * mass, old: oldWeight)
      let (rowCopies, columns) = (distances[edge.first].copies, distances[edge.second].spread(squares[edge.second]))
      var paired = 0.0
      forEachProductRow(index, plan, nodeMarginals, mass: mass, as: Scalar.self) { base, product in
        for row in base * rowCopies..<(base + 1) * rowCopies {
          let start = row * plan.columns
          func write(_ features: UnsafePointer<Double>?) {
            paired += Scalar.costRow(
              squares[edge.first][base], columns, product, features, weights, plan: plan.elements + start,
              cost.elements + start)
          }
          if let features = term.features { features.withUnsafeElements { write($0 + start) } } else { write(nil) }
        }
      }
      return paired
    }
  }

  /// Returns ⟨T_e(γ), γ_e⟩ and ⟨M_e, γ_e⟩ of an edge, in double precision whatever the precision of the plan.
  func parts<Scalar>(
    _ index: Int, _ plan: EdgeMatrix<Scalar>, _ nodeMarginals: [[Double]], mass: Double
  ) -> (quadratic: Double, features: Double) {
    let edge = problem.topology.edges[index]
    let features = problem.edgeCosts[index].featureCost(of: plan)
    if problem.edgeCosts[index].alpha == 0 { return (0, features) }
    let squares = [edge.first, edge.second].map { node in
      dot(
        distances[node].squares(distances[node].gathered(nodeMarginals[node])),
        distances[node].gathered(nodeMarginals[node]))
    }
    var paired = 0.0
    let rowCopies = distances[edge.first].copies
    forEachProductRow(index, plan, nodeMarginals, mass: mass, as: Double.self) { base, product in
      for row in base * rowCopies..<(base + 1) * rowCopies {
        let own = plan.elements + row * plan.columns
        for column in 0..<plan.columns where own[column] != 0 { paired += Double(own[column]) * product[column] }
      }
    }
    return (squares[0] + squares[1] - 2 * paired, features)
  }

  /// Calls `body` with the rows of D_i γ_e D_j, one per base point of the first node, over all points of the second
  /// node.
  private func forEachProductRow<Scalar, Precision: TreeScalar>(
    _ index: Int, _ plan: EdgeMatrix<Scalar>, _ nodeMarginals: [[Double]], mass: Double, as _: Precision.Type,
    _ body: (Int, UnsafePointer<Precision>) -> Void
  ) {
    let edge = problem.topology.edges[index]
    let (left, right) = (distances[edge.first], distances[edge.second])
    if problem.edgeCosts[index].alpha == 0 {
      let zeros = EdgeMatrix<Precision>(rows: 1, columns: plan.columns)
      for row in 0..<left.count { body(row, zeros.elements) }
      return
    }
    func active(_ node: Int, _ space: SpaceDistances) -> [Int] {
      let weights = space.gathered(nodeMarginals[node])
      return weights.indices.filter { weights[$0] > Scalar.negligible * mass }
    }
    let (rows, columns) = (active(edge.first, left), active(edge.second, right))
    guard let products = (single as? DistanceProducts<Precision>) ?? (double as? DistanceProducts<Precision>) else {
      return
    }
    let inner = products.plan(rows: rows.count, columns: columns.count)
    compact(plan, rows, columns, left.copies, right.copies, into: inner)
    let product = products.product(inner, left: left, rows: rows, right: right, columns: columns)
    let spread = EdgeMatrix<Precision>(rows: 1, columns: product.columns * right.copies)
    for row in 0..<product.rows {
      let line = product.elements + row * product.columns
      if right.copies == 1 {
        body(row, line)
      } else {
        for column in 0..<product.columns {
          for copy in 0..<right.copies { spread.elements[column * right.copies + copy] = line[column] }
        }
        body(row, spread.elements)
      }
    }
  }

  /// The plan between the significant base points, summed over copies.
  private func compact<Scalar, Precision: TreeScalar>(
    _ plan: EdgeMatrix<Scalar>, _ rows: [Int], _ columns: [Int], _ rowCopies: Int, _ columnCopies: Int,
    into result: EdgeMatrix<Precision>
  ) {
    for (i, row) in rows.enumerated() {
      let out = result.elements + i * columns.count
      for own in row * rowCopies..<(row + 1) * rowCopies {
        let line = plan.elements + own * plan.columns
        if own == row * rowCopies { out.update(repeating: 0, count: columns.count) }
        if columnCopies == 1 {
          for (j, column) in columns.enumerated() { out[j] += Precision(line[column]) }
        } else {
          for (j, column) in columns.enumerated() {
            for copy in 0..<columnCopies { out[j] += Precision(line[column * columnCopies + copy]) }
          }
        }
      }
    }
  }
}

extension SpaceDistances {
  /// Prepares the distances of a node's space.
  init(_ space: TreeGromovWassersteinProblem.Space, shift: Double, multiplies: Bool = true) {
    self.init(space.geometry, copies: space.copies, shift: shift, multiplies: multiplies)
  }
}
