import Foundation
import LinearAlgebra

/// A pair of digits drawn with strokes side by side, in a handwriting that varies with the seed; stands in for
/// handwritten digits.
public struct StrokeDigits: Sendable {
  /// The height of the picture in pixels; it is wide enough for two digits.
  public let height: Int
  /// Two of the digits 0, 1, 8, 9.
  public let digits: [Int]
  /// The seed of the handwriting.
  public let seed: UInt64

  /// Creates a picture of two digits from `known`.
  public init(height: Int, digits: [Int], seed: UInt64) {
    precondition(
      digits.count == 2 && digits.allSatisfy { Self.known.contains($0) }, "two digits of \(Self.known) are drawn")
    self.height = height
    self.digits = digits
    self.seed = seed
  }

  /// The digits that can be drawn.
  public static let known = [0, 1, 8, 9]

  /// The ink in [0, 1]; 0 is white.
  public var image: Matrix {
    var random = SeededGenerator(seed: seed, stream: "strokes")
    let width = 2 * Int((Double(height) * 0.56).rounded())
    var result = Matrix(rows: height, columns: width)
    for (position, digit) in digits.enumerated() {
      let slant = random.uniform(in: -0.25...0.15)
      let (wide, tall) = (random.uniform(in: 0.85...1.1), random.uniform(in: 0.9...1.05))
      let thickness = random.uniform(in: 0.045...0.075)
      let curve = Self.strokes(digit).map { stroke in
        stroke.map { (x: 0.5 + (($0.x - 0.5) * wide - slant * ($0.y - 0.5)) * 0.9, y: 0.5 + ($0.y - 0.5) * tall) }
      }
      for i in 0..<height {
        for j in 0..<width / 2 {
          let (x, y) = ((Double(j) + 0.5) / Double(width / 2), (Double(i) + 0.5) / Double(height))
          let distance = curve.map { Self.distance(x * 0.56, y, $0.map { ($0.x * 0.56, $0.y) }) }.min() ?? 1
          let ink = min(max(0.5 + (thickness - distance) * Double(height), 0), 1)
          result[i, j + position * width / 2] = ink < 0.05 ? 0 : ink
        }
      }
    }
    return result
  }

  private static func strokes(_ digit: Int) -> [[(x: Double, y: Double)]] {
    func ring(_ x: Double, _ y: Double, _ a: Double, _ b: Double) -> [(x: Double, y: Double)] {
      (0...40).map { step in
        let angle = Double(step) / 20 * .pi
        return (x + a * cos(angle), y + b * sin(angle))
      }
    }
    switch digit {
    case 0: return [ring(0.5, 0.5, 0.3, 0.34)]
    case 1: return [[(0.5, 0.15), (0.5, 0.85)]]
    case 8: return [ring(0.5, 0.32, 0.22, 0.16), ring(0.5, 0.67, 0.28, 0.19)]
    default: return [ring(0.47, 0.34, 0.27, 0.18), [(0.74, 0.34), (0.72, 0.6), (0.6, 0.86)]]
    }
  }

  private static func distance(_ x: Double, _ y: Double, _ curve: [(Double, Double)]) -> Double {
    zip(curve, curve.dropFirst()).reduce(.infinity) { least, ends in
      let ((x0, y0), (x1, y1)) = ends
      let (dx, dy) = (x1 - x0, y1 - y0)
      let t = min(max(((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-12), 0), 1)
      return min(least, hypot(x - x0 - t * dx, y - y0 - t * dy))
    }
  }
}
