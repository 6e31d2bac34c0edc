import Foundation
import LinearAlgebra

/// Simple drawn shapes that vary with a seed and stand in for photographs and scans, so that no download is needed.
public enum DrawnShape: String, Sendable, CaseIterable {
  /// A heart.
  case heart
  /// The spade of playing cards.
  case spade
  /// A camel with four labeled parts: 0 head, 1 legs, 2 tail, 3 hump and trunk.
  case camel
  /// Land on a globe; rows are colatitudes and columns longitudes.
  case land

  /// Draws the shape: ink in [0, 1] by the covered part of each pixel, and each pixel's label (0 if there are no
  /// parts).
  public func picture(rows: Int, columns: Int, seed: UInt64) -> (ink: Matrix, labels: [Int]) {
    precondition(rows > 0 && columns > 0, "a picture has pixels")
    let part = parts(seed)
    let side = 3
    var (ink, labels) = (Matrix(rows: rows, columns: columns), [Int](repeating: 0, count: rows * columns))
    for i in 0..<rows {
      for j in 0..<columns {
        var counts = [0, 0, 0, 0]
        for a in 0..<side {
          for b in 0..<side {
            let y = 1 - 2 * (Double(i) + (Double(a) + 0.5) / Double(side)) / Double(rows)
            let x = 2 * (Double(j) + (Double(b) + 0.5) / Double(side)) / Double(columns) - 1
            if let part = part(x, y) { counts[part] += 1 }
          }
        }
        ink[i, j] = Double(counts.reduce(0, +)) / Double(side * side)
        labels[i * columns + j] = counts.indices.reduce(0) { counts[$1] > counts[$0] ? $1 : $0 }
      }
    }
    return (ink, labels)
  }

  /// The part of the shape at a point of [−1, 1]² with y up; nil outside the shape.
  private func parts(_ seed: UInt64) -> (Double, Double) -> Int? {
    var random = SeededGenerator(seed: seed, stream: "shape \(rawValue)")
    let (wide, tall) = (random.uniform(in: 0.85...1.1), random.uniform(in: 0.85...1.1))
    let turn = random.uniform(in: -0.5...0.5)
    func turned(_ x: Double, _ y: Double) -> (Double, Double) {
      ((cos(turn) * x + sin(turn) * y) / wide, (cos(turn) * y - sin(turn) * x) / tall)
    }
    func ellipse(_ x: Double, _ y: Double, _ cx: Double, _ cy: Double, _ a: Double, _ b: Double) -> Bool {
      (x - cx) * (x - cx) / (a * a) + (y - cy) * (y - cy) / (b * b) <= 1
    }
    func isHeart(_ x: Double, _ y: Double) -> Bool {
      let (x, y) = (1.45 * x, 1.45 * y + 0.15)
      let s = x * x + y * y - 1
      return s * s * s <= x * x * y * y * y
    }
    switch self {
    case .heart:
      return { x, y in
        let (x, y) = turned(x, y)
        return isHeart(x, y) ? 0 : nil
      }
    case .spade:
      return { x, y in
        let (x, y) = turned(x, y)
        let isStem = y < -0.2 && y > -0.8 && abs(x) < 0.08 + 0.5 * (-0.45 - y) * (-0.45 - y)
        return isHeart(x * 1.1, -(y - 0.15) * 1.1) || isStem ? 0 : nil
      }
    case .camel:
      let (neck, hump, step) = (
        random.uniform(in: 0.55...0.75), random.uniform(in: 0.25...0.4), random.uniform(in: -0.1...0.1)
      )
      return { x, y in
        let (x, y) = (x / wide, y / tall)
        if ellipse(x, y, -0.75, neck, 0.18, 0.11) || abs(x + 0.6 - 0.15 * y) < 0.07 && y > 0.1 && y < neck { return 0 }
        if [-0.4, -0.22, 0.25, 0.43].contains(where: { abs(x - $0 - step * (y + 0.1)) < 0.06 }), y < -0.1, y > -0.85 {
          return 1
        }
        if abs(x - 0.68 - 0.2 * (0.1 - y)) < 0.05, y < 0.15, y > -0.4 { return 2 }
        return ellipse(x, y, 0, 0, 0.65, 0.24) || ellipse(x, y, 0.05, hump, 0.28, 0.25) ? 3 : nil
      }
    case .land:
      let caps = (0..<5).map { index in
        (
          longitude: random.uniform(in: 0.5...4.5), colatitude: random.uniform(in: 0.9...2.2),
          radius: index == 0 ? 0.6 : random.uniform(in: 0.2...0.4)
        )
      }
      return { x, y in
        let (longitude, colatitude) = (Double.pi * (x + 1), Double.pi * (1 - y) / 2)
        return caps.contains { cap in
          let across = cos(colatitude) * cos(cap.colatitude)
          return acos(min(max(across + sin(colatitude) * sin(cap.colatitude) * cos(longitude - cap.longitude), -1), 1))
            < cap.radius
        } ? 0 : nil
      }
    }
  }
}
