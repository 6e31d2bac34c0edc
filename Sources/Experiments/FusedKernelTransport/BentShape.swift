import Documents
import Foundation
import LinearAlgebra

/// A flat strip and a bent copy of it: points of the strip, their images, and a noisy feature of the position along
/// the strip.
struct BentShape: Sendable {
  enum Form: String, CaseIterable, Sendable {
    /// The strip is bent evenly along its length.
    case arc
    /// The strip has three straight limbs and two elbows.
    case arm
  }

  let form: Form
  /// The angle of the whole arc or of each elbow, in degrees.
  let angle: Double
  let points: Int
  let length: Double
  let width: Double
  let featureNoise: Double

  init(_ fields: Fields) throws(DocumentError) {
    form = try fields.choice("form", about: "the form of the copy: bent evenly, or at two elbows")
    angle = try fields.number("angle", in: .finite, about: "the angle of the whole arc or of each elbow, in degrees")
    points = try fields.integer("points", default: 60, in: 2...5000, about: "points drawn uniformly from the strip")
    length = try fields.positiveNumber("length", default: 3, about: "the length of the strip")
    width = try fields.positiveNumber("width", default: 0.3, about: "the width of the strip")
    featureNoise = try fields.number(
      "featureNoise", default: 0.1, in: .notNegative,
      about: "the standard deviation of the features from the arc length"
    )
  }

  /// Points drawn with one seed, ordered by arc length; row i of the strip and row i of the copy are twins.
  struct Sample {
    let strip: Matrix
    let bent: Matrix
    let arcLengths: [Double]
    /// The arc lengths with independent noise on each side.
    let features: (strip: [Double], bent: [Double])
  }

  func sample(seed: Int) -> Sample {
    var places = SeededGenerator(seed: UInt64(seed), stream: "strip")
    let along = (0..<points).map { _ in places.uniform(in: 0...length) }.sorted()
    let across = (0..<points).map { _ in places.uniform(in: -width / 2...width / 2) }
    var noise = SeededGenerator(seed: UInt64(seed), stream: "features")
    let bent = (0..<points).map { place(along[$0], across[$0]) }
    return Sample(
      strip: Matrix(rows: points, columns: 2) { $1 == 0 ? along[$0] : across[$0] },
      bent: Matrix(rows: points, columns: 2) { $1 == 0 ? bent[$0].x : bent[$0].y }, arcLengths: along,
      features: (along.map { $0 + featureNoise * noise.normal() }, along.map { $0 + featureNoise * noise.normal() }))
  }

  /// Returns the image of the point at arc length s and distance t from the middle line.
  private func place(_ s: Double, _ t: Double) -> (x: Double, y: Double) {
    let turn = angle * .pi / 180
    switch form {
    case .arc:
      if turn == 0 { return (s, t) }
      let radius = length / turn
      return ((radius - t) * sin(s / radius), radius - (radius - t) * cos(s / radius))
    case .arm:
      let limb = length / 3
      let index = min(2, Int(s / limb))
      var (x, y, direction) = (0.0, 0.0, 0.0)
      for _ in 0..<index {
        x += limb * cos(direction)
        y += limb * sin(direction)
        direction += turn
      }
      let rest = s - Double(index) * limb
      return (x + rest * cos(direction) - t * sin(direction), y + rest * sin(direction) + t * cos(direction))
    }
  }
}
