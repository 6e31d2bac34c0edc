extension Collection where Element == Double {
  /// The arithmetic mean, with the sum taken in order; NaN for an empty collection.
  @inlinable public var mean: Double { reduce(0, +) / Double(count) }

  /// The standard deviation from the mean or from a given center; NaN if the divisor is 0.
  ///
  /// - Parameters:
  ///   - divisor: n for a whole population, n − 1 for a sample.
  ///   - center: the center of the deviations; the mean if nil. Pass the mean if it was summed in another way.
  /// - Returns: the square root of the sum of squared deviations, taken in order, over the divisor.
  @inlinable public func standardDeviation(_ divisor: DeviationDivisor, around center: Double? = nil) -> Double {
    let center = center ?? mean
    let squares = reduce(0) { $0 + ($1 - center) * ($1 - center) }
    return (squares / Double(divisor == .sample ? count - 1 : count)).squareRoot()
  }

  /// The middle element in sorted order, the larger of the two middle ones for an even count; the collection must not
  /// be empty.
  public var upperMedian: Double {
    precondition(!isEmpty, "an empty collection has no median")
    return sorted()[count / 2]
  }
}

/// The divisor of a standard deviation: n or n − 1.
public enum DeviationDivisor: Sendable {
  /// Divide by n: the values are the whole population.
  case population
  /// Divide by n − 1: the values are a sample.
  case sample
}

extension Double {
  /// Returns the number rounded to the given number of decimal places.
  public func rounded(places: Int) -> Double {
    let scale = (0..<places).reduce(1.0) { scale, _ in 10 * scale }
    return (self * scale).rounded() / scale
  }
}
