import Datasets
import LinearAlgebra
import OptimalTransport

/// What any method says of a barycenter.
struct BarycenterAnswer {
  let status: Status
  /// What the method minimises, without entropy.
  let value: Double
  /// What starts are compared by.
  let objective: Double
  /// Σ λ ∬ |d − d'|² with λ summing to 1.
  let loss: Double
  var labelCost = 0.0
  var mass = 1.0
  let pixels: Int
  let iterations: Int
  let trace: Trace
  /// The value after so many seconds.
  let course: (seconds: [Double], values: [Double])
  let arrays: [(name: String, array: NumericArray)]
}
