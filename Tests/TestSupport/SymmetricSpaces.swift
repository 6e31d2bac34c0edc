import Foundation
import LinearAlgebra

/// Distance matrices of symmetric spaces, for problems whose product plan is a saddle point.
public enum SymmetricSpaces {
  /// Returns path lengths in a graph with edges of length 1, by breadth-first search.
  public static func graph(_ count: Int, edges: [(Int, Int)]) -> Matrix {
    var neighbors = [[Int]](repeating: [], count: count)
    for (u, v) in edges where u != v {
      neighbors[u].append(v)
      neighbors[v].append(u)
    }
    var result = Matrix(rows: count, columns: count, repeating: -1)
    for root in 0..<count {
      result[root, root] = 0
      var queue = [root]
      var next = 0
      while next < queue.count {
        let u = queue[next]
        next += 1
        for v in neighbors[u] where result[root, v] < 0 {
          result[root, v] = result[root, u] + 1
          queue.append(v)
        }
      }
    }
    return result
  }

  /// Returns Euclidean distances between evenly spaced points on the unit circle.
  public static func circle(_ n: Int) -> Matrix {
    let points = Matrix(rows: n, columns: 2) { i, axis in
      let angle = 2 * Double.pi * Double(i) / Double(n)
      return axis == 0 ? cos(angle) : sin(angle)
    }
    return squaredDistances(points, points).map { $0.squareRoot() }
  }

  /// Returns Euclidean distances between the corners of a cube of any dimension.
  public static func cube(_ dimension: Int) -> Matrix { hypercube(dimension).map { $0.squareRoot() } }
  /// Returns path lengths in the graph of a cube of any dimension.
  public static func hypercube(_ dimension: Int) -> Matrix {
    let n = 1 << dimension
    return graph(n, edges: (0..<n).flatMap { i in (0..<dimension).map { (i, i ^ (1 << $0)) } })
  }
  /// Returns path lengths in a cycle of n points.
  public static func cycle(_ n: Int) -> Matrix { graph(n, edges: (0..<n).map { ($0, ($0 + 1) % n) }) }
  /// Returns path lengths in a path of n points.
  public static func path(_ n: Int) -> Matrix { graph(n, edges: (0..<n - 1).map { ($0, $0 + 1) }) }
  /// Returns path lengths in a complete graph of n points.
  public static func complete(_ n: Int) -> Matrix { Matrix(rows: n, columns: n) { $0 == $1 ? 0 : 1 } }
  /// Returns path lengths in a complete bipartite graph of p and q points.
  public static func bipartite(_ p: Int, _ q: Int) -> Matrix {
    graph(p + q, edges: (0..<p).flatMap { i in (0..<q).map { (i, p + $0) } })
  }
  /// Returns path lengths in a p × q grid, or in a torus grid.
  public static func grid(_ p: Int, _ q: Int, isTorus: Bool = false) -> Matrix {
    var edges: [(Int, Int)] = []
    for i in 0..<p {
      for j in 0..<q {
        if isTorus || i + 1 < p { edges.append((i * q + j, (i + 1) % p * q + j)) }
        if isTorus || j + 1 < q { edges.append((i * q + j, i * q + (j + 1) % q)) }
      }
    }
    return graph(p * q, edges: edges)
  }
  /// Returns path lengths in the generalized Petersen graph; (5, 2) is Petersen's own.
  public static func petersen(_ n: Int, _ k: Int) -> Matrix {
    graph(2 * n, edges: (0..<n).flatMap { [($0, ($0 + 1) % n), ($0, n + $0), (n + $0, n + ($0 + k) % n)] })
  }
  /// Returns path lengths in a star of legs with equal lengths.
  public static func star(legs: Int, length: Int) -> Matrix {
    graph(
      1 + legs * length,
      edges: (0..<legs).flatMap { leg in
        (0..<length).map { (1 + leg * length + $0, $0 == 0 ? 0 : leg * length + $0) }
      })
  }
  /// Returns path lengths in Paley's graph: numbers modulo a prime p = 1 mod 4, joined if their difference is a
  /// square.
  public static func paley(_ p: Int) -> Matrix {
    let squares = Set((1..<p).map { $0 * $0 % p })
    return graph(p, edges: (0..<p).flatMap { i in (0..<i).filter { squares.contains(i - $0) }.map { (i, $0) } })
  }
  /// Returns a random symmetric table whose rows and columns have mean 0.
  public static func doublyCentred(_ n: Int, seed: UInt64) -> Matrix {
    var random = SeededGenerator(seed: seed, stream: "table")
    let table = Matrix(rows: n, columns: n) { _, _ in random.normal() }
    let symmetric = Matrix(rows: n, columns: n) { table[$0, $1] + table[$1, $0] }
    let means = symmetric.rowSums.map { $0 / Double(n) }
    let mean = means.reduce(0, +) / Double(n)
    return Matrix(rows: n, columns: n) { symmetric[$0, $1] - means[$0] - means[$1] + mean }
  }
  /// Returns distances of random points with an offset added off the diagonal.
  public static func nearlyEqual(_ n: Int, offset: Double, seed: UInt64) -> Matrix {
    let distances = normalizedDistances(normalPoints(n, dimensions: 2, seed: seed))
    return Matrix(rows: n, columns: n) { $0 == $1 ? 0 : distances[$0, $1] + offset }
  }

  /// Returns the same space with reordered points: entry (i, k) of the result is that of points order_i and order_k.
  public static func reordered(_ distances: Matrix, _ order: [Int]) -> Matrix {
    Matrix(rows: order.count, columns: order.count) { distances[order[$0], order[$1]] }
  }

  /// Returns the plan of mass 1 that matches each point to its copy.
  public static func matching(_ order: [Int], weights: [Double]) -> Matrix {
    var plan = Matrix(rows: order.count, columns: order.count)
    for (copy, point) in order.enumerated() { plan[point, copy] = weights[point] }
    return plan
  }

  /// One space of each kind, by name.
  public static let all: [(name: String, distances: Matrix)] = [
    ("circle 4", circle(4)), ("circle 5", circle(5)), ("circle 50", circle(50)), ("simplex 5", complete(5)),
    ("square", cube(2)),
    ("cube", cube(3)), ("C3", cycle(3)), ("C6", cycle(6)), ("C12", cycle(12)), ("C60", cycle(60)), ("P2", path(2)),
    ("P4", path(4)),
    ("P31", path(31)), ("K4", complete(4)), ("K20", complete(20)), ("Q4", hypercube(4)), ("Q5", hypercube(5)),
    ("grid 3×5", grid(3, 5)),
    ("grid 6×6", grid(6, 6)), ("torus 4×4", grid(4, 4, isTorus: true)), ("torus 5×7", grid(5, 7, isTorus: true)),
    ("torus 7×8", grid(7, 8, isTorus: true)), ("K3,3", bipartite(3, 3)), ("K5,9", bipartite(5, 9)),
    ("Petersen", petersen(5, 2)),
    ("Möbius–Kantor", petersen(8, 3)), ("Nauru", petersen(12, 5)), ("star 1×9", star(legs: 9, length: 1)),
    ("star 5×4", star(legs: 5, length: 4)), ("star 20×2", star(legs: 20, length: 2)), ("Paley 13", paley(13)),
    ("Paley 29", paley(29)),
    ("doubly centred 12", doublyCentred(12, seed: 1)), ("doubly centred 40", doublyCentred(40, seed: 2)),
    ("nearly equal 1e6", nearlyEqual(20, offset: 1e6, seed: 3)),
    ("nearly equal 1e3", nearlyEqual(12, offset: 1e3, seed: 4)),
  ]
}
