import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue
import Support

/// Follows particles through snapshots by the transfer operators of a multi-marginal plan on a chain (Beier, Beinert,
/// Steidl 2023, arXiv:2205.06725).
///
/// Unbalanced Gromov–Wasserstein transport uses only shapes, and unbalanced Wasserstein transport only positions.
struct ParticleTransferExperiment: Experiment {
  static let kind = "particle-transfer"
  static let revision = 1
  static let summary = "Computes transfer operators between snapshots of particles by unbalanced transport on a chain."
  static let metrics: Glossary = [
    "matched": "fraction of particles whose pushed mass is centered within two pixels of their last position",
    "medianError": "median distance in pixels between a particle's pushed center and its last position",
    "overlap": "Σ min(f, g) of the pushed and the true image of the last snapshot, each with sum 1",
    "value": "the objective without entropy", "mass": "mass of the plan",
    "noiseShare":
      "mass on pixels that show only noise particles, averaged over the snapshots, as a fraction of the plan's mass",
    "valueSpread": "difference between the highest and the lowest objective of the starts",
    "iterations": "outer iterations or sweeps of the shown start",
    "secondsPerStep": "CPU seconds of an iteration",
  ]
  static let example = """
    data: {generator: {coherent: 10, noise: 2, snapshots: 3}, size: 24}
    solver: {name: gromov-wasserstein, rho: 0.01, epsilon: 1.0e-3}
    """

  enum MethodName: String, CaseIterable {
    case gromovWasserstein = "gromov-wasserstein"
    case wasserstein
  }

  enum Method: Sendable {
    case gromovWasserstein(TreeSettings)
    case wasserstein(TreeSinkhorn)
  }

  let data: ParticleData
  let method: Method
  let rho: Double
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    data = try ParticleData(body.data)
    let fields = body.solver
    try body.params.refuse("method", since: "is now 'solver.name'")
    try body.params.refuse("rho", since: "is now 'solver.rho'")
    let name: MethodName = try fields.choice("name", default: .gromovWasserstein, about: "the transport problem")
    rho = try fields.positiveNumber(
      "rho", default: 1e-3, about: "ρ, the weight of the KL penalty on each snapshot's masses")
    var defaults = TreeGromovWasserstein.images
    defaults.stopping.iterationLimit = 200
    switch name {
    case .gromovWasserstein:
      method = .gromovWasserstein(try TreeSettings(fields, default: defaults, starts: 1, seed: UInt64(body.seed)))
    case .wasserstein: method = .wasserstein(try TreeSinkhorn(fields, epsilon: 2e-4, stopping: defaults.stopping))
    }
    seed = body.seed
  }

  var inputs: [InputReference] { data.inputs }

  /// The result of either method.
  private struct Answer {
    let plans: [Matrix]
    let nodeMarginals: [[Double]]
    let value: Double
    let valueSpread: Double
    let mass: Double
    let status: Status
    let iterations: Int
    /// The number of iterations over all starts.
    let steps: Int
    let trace: Trace
  }

  func run(_ context: RunContext) throws -> RunResult {
    let snapshots = try data.load(context, seed: seed)
    let raster = snapshots.raster
    let clean = snapshots.coherent.map { raster.picture($0) }
    let whole = zip(clean, snapshots.noise).map { clean, noise in zip(clean, raster.picture(noise)).map { $0 + $1 } }
    let pixels = whole.map { image in image.indices.filter { image[$0] > 0 } }
    if let empty = pixels.firstIndex(where: { $0.isEmpty }) {
      throw ExperimentError(description: "snapshot \(empty) shows no particle within data.reach")
    }
    let marginals = try zip(whole, pixels).map { image, pixels throws(ProblemError) in
      let total = pixels.reduce(0) { $0 + image[$1] }
      return try TreeMarginal(weights: pixels.map { image[$0] / total }, relaxation: rho)
    }
    let clock = clock()
    let answer = try solve(marginals, pixels, raster, report: context.report)
    let seconds = Double(Foundation.clock() - clock) / Double(CLOCKS_PER_SEC)
    context.report("\(answer.status) after \(answer.iterations) steps")
    let transfer = ParticleTransfer(
      operators: answer.plans.map { TransferOperator(plan: $0) }, pixels: pixels, raster: raster)
    let pushed = transfer.push(clean[0])
    let last = snapshots.coherent.count - 1
    let errors = transfer.errors(from: snapshots.coherent[0], to: snapshots.coherent[last])
    let noise = zip(zip(clean, pixels), answer.nodeMarginals).map { snapshot, marginal in
      zip(snapshot.1, marginal).reduce(0) { snapshot.0[$1.0] == 0 ? $0 + $1.1 : $0 }
    }
    let groups = ParticleGroups(snapshots.coherent[0])
    var arrays: [(name: String, array: NumericArray)] = [
      ("snapshots", NumericArray([Double(clean.count)])), ("errors", NumericArray(errors)),
      ("groups", NumericArray([Double(groups.count)])),
    ]
    for step in clean.indices {
      arrays.append(
        ("whole\(step)", NumericArray(Matrix(rows: raster.size, columns: raster.size, elements: whole[step]))))
      for group in 0..<groups.count {
        let members = groups.members(group)
        let own = raster.picture(snapshots.coherent[step].selectingRows(members))
        arrays.append(
          ("true\(step)-group\(group)", NumericArray(Matrix(rows: raster.size, columns: raster.size, elements: own))))
        let carried = transfer.push(raster.picture(snapshots.coherent[0].selectingRows(members)))[step]
        arrays.append(
          (
            "pushed\(step)-group\(group)",
            NumericArray(Matrix(rows: raster.size, columns: raster.size, elements: carried))
          ))
      }
    }
    return RunResult(
      status: answer.status,
      metrics: [
        "matched": .number(Double(errors.count { $0 <= 2 }) / Double(errors.count)),
        "medianError": .number(errors.upperMedian),
        "overlap": .number(ParticleTransfer.overlap(pushed[last], clean[last])), "value": .number(answer.value),
        "mass": .number(answer.mass), "noiseShare": .number(noise.mean / answer.mass),
        "valueSpread": .number(answer.valueSpread), "iterations": .integer(answer.iterations),
        "secondsPerStep": .number(seconds / Double(max(answer.steps, 1))),
      ],
      trace: answer.trace, arrays: arrays)
  }

  private func solve(
    _ marginals: [TreeMarginal], _ pixels: [[Int]], _ raster: ParticleRaster, report: (String) -> Void
  ) throws -> Answer {
    let chain = try TreeTopology.chain(marginals.count)
    switch method {
    case .gromovWasserstein(let settings):
      // Distances are in units of the largest distance within a snapshot.
      let largest = pixels.map { pixels in Self.diameter(pixels, raster) }.max() ?? 1
      let spaces = try zip(pixels, marginals).map { pixels, marginal throws(ProblemError) in
        let lattice = try LatticeDistances.pixels(
          rows: raster.size, columns: raster.size, unit: 1 / max(largest, 1), points: pixels)
        return try TreeGromovWassersteinProblem.Space(geometry: .lattice(lattice), marginal: marginal)
      }
      let problem = try TreeGromovWassersteinProblem(topology: chain, spaces: spaces)
      let solvers = settings.solvers
      var steps = 0
      let search = try StartSearch.over(solvers.count, by: \.regularizedValue) { start, _ throws(ProblemError) in
        let solution = try solvers[start].solve(problem)
        report("start \(start + 1) of \(solvers.count): \(solution.status), objective \(solution.regularizedValue)")
        steps += solution.iterations
        return solution
      }
      let solution = search.best
      return Answer(
        plans: solution.plans.map(\.matrix), nodeMarginals: solution.nodeMarginals, value: solution.value,
        valueSpread: search.spread, mass: solution.mass, status: solution.status,
        iterations: solution.iterations, steps: steps, trace: solution.trace)
    case .wasserstein(let solver):
      let scale = 1 / (2 * Double(raster.size - 1) * Double(raster.size - 1))
      let costs = zip(pixels, pixels.dropFirst()).map { from, to in
        Matrix(rows: from.count, columns: to.count) { i, j in
          let (dx, dy) = (from[i] % raster.size - to[j] % raster.size, from[i] / raster.size - to[j] / raster.size)
          return scale * Double(dx * dx + dy * dy)
        }
      }
      let solution = try solver.solve(
        MultiMarginalProblem(topology: chain, marginals: marginals, costs: costs, reference: .uniform))
      return Answer(
        plans: solution.edgePlans, nodeMarginals: solution.nodeMarginals, value: solution.value, valueSpread: 0,
        mass: solution.mass,
        status: solution.status, iterations: solution.iterations, steps: solution.iterations, trace: solution.trace)
    }
  }

  /// Returns the diameter in pixels; the largest distance is between pixels at the ends of rows.
  private static func diameter(_ pixels: [Int], _ raster: ParticleRaster) -> Double {
    let rows = Dictionary(grouping: pixels) { $0 / raster.size }
    let ends = rows.values.flatMap { [$0.min(), $0.max()].compactMap { $0 } }
    var largest = 0.0
    for p in ends {
      for q in ends {
        largest = max(
          largest, hypot(Double(p % raster.size - q % raster.size), Double(p / raster.size - q / raster.size)))
      }
    }
    return largest
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] { try ParticleFigures(arrays: arrays).all }
}
