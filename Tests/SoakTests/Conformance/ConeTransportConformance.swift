@testable import SolverCatalogue

/// `uot-cone`.
enum ConeTransportConformance: SolverConformance {
  typealias Solver = ConeTransportSolver

  static let pot = ["ot.unbalanced.mm_unbalanced"]
  static let choices = [["D"], ["X", "Y"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.coneTransport }
}

extension Certificate {
  /// Transport on the cone: masses, the value by its definition, and a bound from potentials f g ≥ Ω²/4 drawn from the
  /// semi-coupling itself.
  fileprivate var coneTransport: [String] {
    guard let p0 = matrices["P0"], let p1 = matrices["P1"], let delta = numericSetting("delta"), let gap = number("gap")
    else {
      return ["the semi-coupling or the gap is missing"]
    }
    guard
      let distances = given("D")
        ?? given("X").flatMap({ x in given("Y").map { Self.distances(x, $0, isSquared: false) } })
    else { return ["the distances are missing"] }
    let (a, b) = (weights("a", p0.rows), weights("b", p0.columns))
    let omega = distances.map { max(0, kernel($0 / delta, isCosineByDefault: true)) }
    let root = roots(p0, p1)
    let mass = a.reduce(0, +) + b.reduce(0, +)
    let similarity = paired(omega.elements, root.elements)
    let (scale, value) = (delta * delta * mass, delta * delta * (mass - 2 * similarity))
    var faults = overfull(p0, p1, a, b, "the coupling")
    faults += differs("value", from: value, scale: scale, by: 1e-9)
    if !(gap <= 2e-6 * scale) { faults.append("it says converged with a gap of \(gap) at \(value)") }
    // Σ a f + Σ b g with f g ≥ Ω²/4 is no less than the largest similarity: f by what each row is worth, g as small as
    // it may be.
    let f = a.indices.map { i in
      a[i] > 0 ? max(1e-12, (0..<b.count).reduce(0) { $0 + omega[i, $1] * (root[i, $1] / a[i]) } / 2) : .infinity
    }
    let g = b.indices.map { j in
      a.indices.reduce(0) { max($0, a[$1] > 0 ? omega[$1, j] * omega[$1, j] / 4 / f[$1] : 0) }
    }
    let bound = paired(f.map { $0.isFinite ? $0 : 0 }, a) + paired(g, b)
    if !(bound - similarity <= 1e-2 * mass) {
      faults.append("it says converged at the similarity \(similarity), but the bound is \(bound)")
    }
    return faults
  }
}
