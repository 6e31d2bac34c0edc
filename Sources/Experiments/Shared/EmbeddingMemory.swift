import LinearAlgebra
import OptimalTransport
import Pipeline

extension JointEmbeddingProblem {
  /// Throws an error before anything is allocated if a joint embedding into a square grid needs more memory than
  /// there is.
  static func ensureMemory(first: Int, second: Int, grid: Int) throws {
    guard let shortfall = MachineMemory.shortfall(bytes: memory(first: first, second: second, target: grid * grid))
    else { return }
    throw ExperimentError(
      description:
        """
        a joint embedding of \(first) and \(second) points into a grid of \(grid)×\(grid) needs \(shortfall); take a \
        smaller grid or fewer points
        """
    )
  }
}
