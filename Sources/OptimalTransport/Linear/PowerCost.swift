import Glibc
import LinearAlgebra

/// The cost d^p of a distance d, for p ≥ 1: on lines, circles and between points.
package struct PowerCost: Sendable {
  package let exponent: Double

  /// - Throws: `ProblemError.parameter` when p is not in [1, 100].
  package init(exponent: Double) throws(ProblemError) {
    if !(1...100).contains(exponent) {
      throw .parameter(name: "the exponent", found: "\(exponent)", expected: "a number from 1 to 100")
    }
    self.exponent = exponent
  }

  /// The largest distance whose cost can be computed with.
  package var largestDistance: Double { pow(largestCost, 1 / exponent) }

  /// Returns the cost of a difference.
  ///
  /// - Parameter difference: a difference of either sign.
  /// - Returns: |difference|^p.
  package func cost(_ difference: Double) -> Double {
    switch exponent {
    case 1: abs(difference)
    case 2: difference * difference
    default: pow(abs(difference), exponent)
    }
  }

  /// The cost of a distance that is known by its square.
  package func cost(square: Double) -> Double { exponent == 2 ? square : cost(square.squareRoot()) }
}
