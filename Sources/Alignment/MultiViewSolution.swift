import LinearAlgebra
import OptimalTransport
import Support

/// An alignment of two modalities, and how sure it is.
public struct MultiViewSolution: Sendable {
  /// Between the aligned cells (`MultiViewProblem.cells`), of uniform masses: the best basin, extended and refined.
  public let coupling: Coupling
  /// The runner-up extended to the same cells, not refined there; nil when there is none.
  public let runnerUp: Coupling?
  /// The different alignments that descents ended in, best first; at least one.
  public let basins: [Basin]
  /// How many candidates were proposed, and how many of them were different enough to be refined.
  public let proposals: (all: Int, refined: Int)
  /// Whether a modality is nearly symmetric.
  public let symmetry: Symmetry
  /// The share of bootstrap draws of cells and views in which the best stays ahead of the runner-up, or where there is none of the best carried round by a
  /// modality's own best map onto itself, or where there is none of random pairing; nil when no draws were asked for.
  public let stability: Double?
  /// How widely the plan scatters the mass of each cell.
  public let spread: PlanSpread
  /// Of the plan; less than 1 between relaxed marginals.
  public let mass: Double
  /// What speaks against the features themselves.
  private let doubts: [String]
  /// Whether the last descent, between all cells, came to rest.
  public let status: Status
  public let iterations: Int
  /// Its course: F over the views of lengths, and the change of the plan in L1.
  public let trace: Trace
  /// Every cell of the first modality in the features of the second (`MultiViewProblem.features`), and the other way round.
  public let firstInSecond: Matrix
  public let secondInFirst: Matrix

  init(
    problem: MultiViewProblem, coupling: Coupling, runnerUp: Coupling?, basins: [Basin], proposals: (all: Int, refined: Int),
    symmetry: Symmetry, stability: Double?, status: Status, iterations: Int, trace: Trace
  ) {
    (self.coupling, self.runnerUp, self.basins, self.proposals) = (coupling, runnerUp, basins, proposals)
    (self.symmetry, self.stability, self.status, self.iterations, self.trace) = (symmetry, stability, status, iterations, trace)
    spread = PlanSpread(coupling, first: problem.first.meanToLandmarks, second: problem.second.meanToLandmarks)
    mass = compensatedSum(coupling.plan.elements)
    doubts = problem.doubts
    (firstInSecond, secondInFirst) = problem.projections(coupling)
  }

  /// F(runner-up) − F(best), not negative: how much worse the next alignment fits, in the mean logarithm of distortions; nil when all descents ended in
  /// one basin.
  public var margin: Double? { basins.count > 1 ? basins[1].score - basins[0].score : nil }

  /// Margins below this say that another alignment fits nearly as well. A large one is no certificate: where modalities distort a nearly symmetric shape
  /// differently, its mirror image may win by a margin.
  public static let smallMargin = 0.03
  /// Shares of bootstrap draws below this say that the decision hangs on a few cells or views.
  public static let lowStability = 0.9

  /// Plans of less mass than this leave most cells without a partner.
  public static let littleMass = 0.5

  /// What a user should be told, a sentence each; empty when nothing speaks against the alignment.
  public var warnings: [String] {
    var sentences = doubts
    if let margin, margin < Self.smallMargin {
      sentences.append(
        "the margin of \(margin.rounded(places: 3)) is below \(Self.smallMargin): another alignment fits nearly as well, and may be the right one"
      )
    }
    if let stability, stability < Self.lowStability {
      let rival = basins.count > 1 ? "the runner-up" : symmetry.score == nil ? "random pairing" : "its mirror image"
      sentences.append(
        "the alignment stays ahead of \(rival) in \(stability.rounded(places: 3)) of the bootstrap draws only; at least \(Self.lowStability) speak for a decision"
      )
    }
    if let score = symmetry.score, symmetry.isNear {
      sentences.append(
        "the geometry is nearly symmetric: a modality fits onto itself another way round with score \(score.rounded(places: 3)) (\(Symmetry.near) or less is near), so that the alignment may be a mirror image"
      )
    }
    if spread.isWide {
      sentences.append(
        "the plan decides little: a cell has \(spread.partners.rounded(places: 3)) partners in the mean, whose distances vary by \(spread.share.rounded(places: 3)) of those of all cells (above \(PlanSpread.wide) is wide)"
      )
    }
    if mass < Self.littleMass {
      sentences.append(
        "only \((100 * mass).rounded(places: 3)) % of the mass is matched: ρ is small against the distortions, so that most cells have no partner"
      )
    }
    if !status.isConverged { sentences.append("the last descent did not come to rest: \(status)") }
    return sentences
  }
}
