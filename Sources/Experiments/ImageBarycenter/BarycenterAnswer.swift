import Datasets
import LinearAlgebra
import OptimalTransport

/// The result of a barycenter by any method.
struct BarycenterAnswer {
  let status: Status
  /// The objective without entropy.
  let value: Double
  /// The value by which starts are compared.
  let objective: Double
  /// The loss Σ λ ∬ |d − d'|² with weights λ that sum to 1.
  let loss: Double
  var labelCost = 0.0
  var mass = 1.0
  let pixels: Int
  let iterations: Int
  let trace: Trace
  /// The value over time in seconds.
  let history: (seconds: [Double], values: [Double])
  let arrays: [(name: String, array: NumericArray)]
}
