import Datasets
import Documents
import LinearAlgebra
import OptimalTransport

extension SolverEntry {
  static let barycenter = SolverEntry(
    "barycenter", "the entropic Wasserstein barycenter of measures on one support, a grid or any symmetric cost",
    inputs: [
      InputDescription("A", "s×N or s×h×w", "the measures; images stand on a grid, as rows do when there is no C"),
      InputDescription("C", "N×N", "cost among the points; squared distances on the grid when absent"),
      InputDescription("lambda", "s", "shares of the measures; equal when absent"),
    ]
  ) { fields throws(DocumentError) in
    let solver = WassersteinBarycenter(
      epsilon: try fields.positiveNumber("epsilon", about: "weight of the entropy, in units of the cost"),
      isDebiased: try fields.bool("debiased", default: false, about: "takes the blur of the entropy out"),
      stopping: try fields.stopping(tolerance: 1e-7, iterations: 5000, about: "residual in the marginals, as a fraction of the mass"))
    let step = try fields.optionalPositiveNumber("step", about: "between neighbours on the grid; 1/(longest side − 1) when absent")
    let isNormalized = try fields.bool("normalize", default: true, about: "divides each measure by its sum")
    return Job { inputs in
      let shape = try inputs.shape(of: "A") ?? []
      let points = shape.dropFirst().reduce(1) { $0 * Double($1) }
      // On a grid one matrix an axis.
      let kernels = inputs.contains("C") ? points * points : shape.dropFirst().reduce(0) { $0 + Double($1) * Double($1) }
      return MemoryNeed(
        numbers: 3 * kernels + 12 * Double(shape.first ?? 0) * points, problem: "a barycenter over \(Int(points)) points")
    } solve: { inputs in
      guard let (array, place) = try inputs.array("A") else { throw inputs.missing("A (s×N or s×h×w)") }
      guard (2...3).contains(array.shape.count) else {
        throw DataError(
          .unfit, path: place, problem: "'A' is \(array.shapeText), but measures by rows or images (s×N or s×h×w) were expected")
      }
      let measures = isNormalized ? array.matrix.normalizedRows : array.matrix
      let grid = Array(array.shape.dropFirst())
      let support: SupportGeometry
      if let cost = try inputs.matrix("C") {
        support = .cost(cost)
      } else {
        support = .grid(shape: grid, step: step ?? 1 / Double(max(1, (grid.max() ?? 1) - 1)))
      }
      let solution = try solver.solve(BarycenterProblem(measures: measures, shares: inputs.vector("lambda"), support: support))
      var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
      answer.numbers.append(("value", solution.value))
      answer.arrays.append(("barycenter", NumericArray(shape: grid, elements: solution.weights)))
      return answer
    }
  }
}

extension Matrix {
  /// Each row divided by its sum where that is positive; the solver's own checks find the others.
  fileprivate var normalizedRows: Matrix {
    let sums = (0..<rows).map { compensatedSum(self[row: $0]) }
    return Matrix(rows: rows, columns: columns) { sums[$0] > 0 && sums[$0].isFinite ? self[$0, $1] / sums[$0] : self[$0, $1] }
  }
}
