import LinearAlgebra
import OptimalTransport
import Support

/// An alignment of two modalities, with diagnostics of its reliability.
public struct MultiViewSolution: Sendable {
  /// The best alignment between the aligned cells (`MultiViewProblem.cells`) of uniform masses, extended from
  /// landmarks and refined.
  public let coupling: Coupling
  /// The runner-up extended to the same cells without refinement; nil if there is only one basin.
  public let runnerUp: Coupling?
  /// The distinct local minima that the descents reached, best first; at least one.
  public let basins: [Basin]
  /// The number of candidates, and how many of them were different enough to be refined.
  public let proposals: (all: Int, refined: Int)
  /// How close either modality is to having a symmetry.
  public let symmetry: Symmetry
  /// The fraction of bootstrap draws of cells and views in which the best alignment stays ahead of its rival; nil if
  /// no draws were requested.
  ///
  /// The rival is the runner-up; if there is none, the best alignment composed with a modality's own best self-map;
  /// and if there is none of these either, the product plan.
  public let stability: Double?
  /// How widely the plan spreads the mass of each cell.
  public let spread: PlanSpread
  /// The total mass of the plan; less than 1 if marginals are relaxed.
  public let mass: Double
  /// Signs that the features are not ready for alignment.
  private let doubts: [String]
  /// How the last descent, between all aligned cells, ended.
  public let status: Status
  /// The number of steps of the last descent.
  public let iterations: Int
  /// The history of the last descent: F over the views of scale `lengths`, and the L1 change of the plan.
  public let trace: Trace
  /// Every cell of the first modality in the features of the second (`MultiViewProblem.features`).
  public let firstInSecond: Matrix
  /// Every cell of the second modality in the features of the first.
  public let secondInFirst: Matrix

  init(
    problem: MultiViewProblem, coupling: Coupling, runnerUp: Coupling?, basins: [Basin],
    proposals: (all: Int, refined: Int),
    symmetry: Symmetry, stability: Double?, status: Status, iterations: Int, trace: Trace
  ) {
    (self.coupling, self.runnerUp, self.basins, self.proposals) = (coupling, runnerUp, basins, proposals)
    (self.symmetry, self.stability, self.status, self.iterations, self.trace) = (
      symmetry, stability, status, iterations, trace
    )
    spread = PlanSpread(coupling, first: problem.first.meanToLandmarks, second: problem.second.meanToLandmarks)
    mass = compensatedSum(coupling.plan.elements)
    doubts = problem.doubts
    (firstInSecond, secondInFirst) = problem.projections(coupling)
  }

  /// F(runner-up) − F(best), not negative: how much worse the next alignment fits; nil if there is only one basin.
  ///
  /// The unit is the mean logarithm of distortions.
  public var margin: Double? { basins.count > 1 ? basins[1].score - basins[0].score : nil }

  /// The margin below which another alignment fits nearly as well.
  ///
  /// A larger margin is no certificate: if the modalities distort a nearly symmetric shape differently, its mirror
  /// image may win by a clear margin.
  public static let smallMargin = 0.03
  /// The stability below which the decision depends on a few cells or views.
  public static let lowStability = 0.9

  /// The mass below which most cells of a plan have no partner.
  public static let littleMass = 0.5

  /// Warnings to show to the user, one sentence each; empty if no diagnostic speaks against the alignment.
  public var warnings: [String] {
    var sentences = doubts
    if let margin, margin < Self.smallMargin {
      sentences.append(
        """
        the margin of \(margin.rounded(places: 3)) is below \(Self.smallMargin): another alignment fits nearly as \
        well, and may be the right one
        """
      )
    }
    if let stability, stability < Self.lowStability {
      let rival = basins.count > 1 ? "the runner-up" : symmetry.score == nil ? "random pairing" : "its mirror image"
      sentences.append(
        """
        the alignment stays ahead of \(rival) in only \(stability.rounded(places: 3)) of the bootstrap draws; a \
        reliable decision needs at least \(Self.lowStability)
        """
      )
    }
    if let score = symmetry.score, symmetry.isNear {
      sentences.append(
        """
        the geometry is nearly symmetric: a modality has a self-map other than the identity with score \
        \(score.rounded(places: 3)) (\(Symmetry.near) or less is nearly symmetric), so the alignment may be a mirror \
        image
        """
      )
    }
    if spread.isWide {
      sentences.append(
        """
        the plan is undecided: a cell has \(spread.partners.rounded(places: 3)) partners on average, whose variance is \
        \(spread.share.rounded(places: 3)) of that of all cells (above \(PlanSpread.wide) is wide)
        """
      )
    }
    if mass < Self.littleMass {
      sentences.append(
        """
        only \((100 * mass).rounded(places: 3)) % of the mass is matched: ρ is small compared with the distortions, so \
        most cells have no partner
        """
      )
    }
    if !status.isConverged { sentences.append("the last descent did not converge: \(status)") }
    return sentences
  }
}
