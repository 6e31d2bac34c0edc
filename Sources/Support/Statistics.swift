extension Collection where Element == Double {
  /// Their sum, taken in order, over their number; NaN of none.
  @inlinable public var mean: Double { reduce(0, +) / Double(count) }

  /// The root of their squared distances from a centre, summed in order, over a divisor; NaN where that is 0.
  ///
  /// - Parameters:
  ///   - divisor: their number for a whole population, one less for a sample of it.
  ///   - centre: their mean when nil, as `mean` takes it; to be given where it was summed another way.
  @inlinable public func standardDeviation(_ divisor: DeviationDivisor, around centre: Double? = nil) -> Double {
    let centre = centre ?? mean
    let squares = reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    return (squares / Double(divisor == .sample ? count - 1 : count)).squareRoot()
  }

  /// The one in the middle of their order, the larger where there are two; there must be one.
  public var upperMedian: Double {
    precondition(!isEmpty, "none has no median")
    return sorted()[count / 2]
  }
}

/// What squares are divided by: n or n − 1.
public enum DeviationDivisor: Sendable {
  /// n: the values are all that there are.
  case population
  /// n − 1: the values were drawn.
  case sample
}

extension Double {
  /// The nearest number with so many digits after the point.
  public func rounded(places: Int) -> Double {
    let scale = (0..<places).reduce(1.0) { scale, _ in 10 * scale }
    return (self * scale).rounded() / scale
  }
}
