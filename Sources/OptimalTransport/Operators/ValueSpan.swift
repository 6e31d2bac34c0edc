import LinearAlgebra

/// The smallest and largest of some values.
struct ValueSpan {
  let least: Double
  let largest: Double

  init(_ values: Matrix) {
    var (least, largest) = (Double.infinity, -Double.infinity)
    for value in values.elements { (least, largest) = (min(least, value), max(largest, value)) }
    (self.least, self.largest) = (least, largest)
  }

  var length: Double { largest - least }

  /// The largest distance between a value of this span and one of another.
  func reach(_ other: ValueSpan) -> Double { max(largest - other.least, other.largest - least) }
}
