import Datasets
import Documents
import Foundation
import Learning
import LinearAlgebra
import Pipeline

/// One of the two spaces that are embedded jointly.
struct EmbeddingSpace {
  /// The true positions of the points.
  enum Truth {
    /// Positions in the plane, n × 2.
    case chart(Matrix)
    /// Unit vectors.
    case sphere(Matrix)
    case torus([Torus.Node])
    /// The indices of the mesh's vertices that are used, of a total number; equal indices correspond in two bodies.
    case vertices([Int], of: Int)
  }

  let name: String
  let distances: Matrix
  let truth: Truth
  /// The positions for figures, n × 3.
  let positions: Matrix
  /// One number for each point that determines its color.
  let colors: [Double]

  /// Returns the same space with its points renumbered.
  func relabeled(_ order: [Int]) -> EmbeddingSpace {
    let truth: Truth =
      switch truth {
      case .chart(let points): .chart(points.selectingRows(order))
      case .sphere(let points): .sphere(points.selectingRows(order))
      case .torus(let nodes): .torus(order.map { nodes[$0] })
      case .vertices(let vertices, let count): .vertices(order.map { vertices[$0] }, of: count)
      }
    return EmbeddingSpace(
      name: name, distances: Matrix(rows: order.count, columns: order.count) { distances[order[$0], order[$1]] },
      truth: truth,
      positions: positions.selectingRows(order), colors: order.map { colors[$0] })
  }
}

/// The source of one of the spaces.
struct EmbeddingSource: Sendable {
  private enum Origin: Sendable {
    case rectangle(BentRectangle)
    case sphere(SpherePiece)
    case torus(Torus.Part, stride: Int)
    case mesh(InputReference, points: Int?)
  }

  private enum Shape: String, CaseIterable {
    case sBend = "s-bend"
    case roll
    case rollWithHole = "roll-with-hole"
    case sphereRectangle = "sphere-rectangle"
    case sphereCap = "sphere-cap"
    case torusHalf = "torus-half"
    case torusTriangle = "torus-triangle"
    case mesh
  }

  private let origin: Origin
  let name: String

  init(_ data: Fields, key: String) throws(DocumentError) {
    let fields = try data.fieldsOrEmpty(key, about: "a space that is embedded")
    let shape: Shape = try fields.choice(
      "shape", about: "the shape: a bent rectangle, a piece of a sphere or torus, or a triangle mesh")
    var name = shape.rawValue.replacing("-", with: " ")
    switch shape {
    case .sBend, .roll, .rollWithHole:
      origin = .rectangle(
        BentRectangle(
          form: shape == .sBend ? .sBend : .roll, hasHole: shape == .rollWithHole,
          points: try fields.integer("points", default: 300, in: 30...20_000, about: "points of the rectangle")))
    case .sphereRectangle, .sphereCap:
      origin = .sphere(
        SpherePiece(
          form: shape == .sphereRectangle ? .rectangle : .cap,
          points: try fields.integer("points", default: 1500, in: 100...100_000, about: "points of the whole sphere")))
    case .torusHalf, .torusTriangle:
      origin = .torus(
        shape == .torusHalf ? .half : .triangle,
        stride: try fields.integer(
          "stride", default: 3, in: 1...20, about: "uses every n-th node of the torus in both directions"))
    case .mesh:
      let reference = try InputReference(fields, role: "data.\(key)")
      let file = ((reference.source ?? reference.file ?? name) as NSString).lastPathComponent
      name = (file as NSString).deletingPathExtension.replacing("_", with: " ")
      origin = .mesh(
        reference,
        points: try fields.optionalInteger(
          "points", in: 10...100_000, about: "the number of vertices to use, far from each other; all by default"))
    }
    self.name = name
  }

  var isRectangle: Bool { if case .rectangle = origin { true } else { false } }

  var input: InputReference? { if case .mesh(let reference, _) = origin { reference } else { nil } }

  /// Loads or generates the space.
  ///
  /// - Parameters:
  ///   - context: gives the input files.
  ///   - seed: the seed of generated points.
  ///   - stream: the name of the random stream.
  ///   - torus: returns the torus that pieces are cut from.
  ///   - first: the other space, if this is the second one; a mesh with as many vertices is sampled at the same ones.
  /// - Returns: The space.
  /// - Throws: `DataError` if a file cannot be used, `ExperimentError` if the space is too small or too large.
  func load(
    _ context: RunContext, seed: Int, stream: String, torus: () throws -> Torus, after first: EmbeddingSpace? = nil
  ) throws -> EmbeddingSpace {
    switch origin {
    case .rectangle(let rectangle):
      let sample = try rectangle.sample(seed: UInt64(seed), stream: stream)
      return EmbeddingSpace(
        name: name, distances: sample.distances, truth: .chart(sample.chart), positions: sample.positions,
        colors: (0..<sample.chart.rows).map { sample.chart[$0, 0] })
    case .sphere(let piece):
      let sample = try piece.sample()
      guard sample.positions.rows >= 10 else {
        throw ExperimentError(description: "the \(name) has fewer than ten points")
      }
      return EmbeddingSpace(
        name: name, distances: sample.distances, truth: .sphere(sample.positions), positions: sample.positions,
        colors: (0..<sample.positions.rows).map { atan2(sample.positions[$0, 1], sample.positions[$0, 0]) })
    case .torus(let part, let stride):
      let torus = try torus()
      let nodes = torus.nodes(of: part, stride: stride)
      return EmbeddingSpace(
        name: name, distances: torus.distances(nodes), truth: .torus(nodes), positions: torus.positions(nodes),
        colors: nodes.map { Double($0.u) })
    case .mesh(let reference, let points):
      return try mesh(context.path(reference), context.notes, points: points, after: first)
    }
  }

  private func mesh(_ path: String, _ notes: Notes, points: Int?, after first: EmbeddingSpace?) throws -> EmbeddingSpace
  {
    let mesh = try Mesh(file: path, notes: notes)
    let graph: WeightedGraph
    do { graph = try WeightedGraph(meshVertices: mesh.vertices, triangles: mesh.triangles) } catch {
      throw DataError(.unfit, path: path, problem: "\(error)")
    }
    var chosen = Array(0..<mesh.vertices.rows)
    if let points, points < chosen.count { chosen = Self.farApart(mesh.vertices, points) }
    if let first, case .vertices(let known, of: mesh.vertices.rows) = first.truth { chosen = known }
    try ExperimentError.requireMemory(
      matrices: 3, rows: chosen.count, columns: chosen.count, for: "a mesh of \(chosen.count) vertices")
    var distances = Matrix(rows: chosen.count, columns: chosen.count)
    for (i, vertex) in chosen.enumerated() {
      let lengths = graph.shortestPathLengths(from: vertex)
      for (j, other) in chosen.enumerated() { distances[i, j] = lengths[other] }
    }
    for i in 0..<chosen.count { for j in 0..<i { distances[i, j] = distances[j, i] } }
    // Scans stand on the xz-plane, with y up.
    let positions = mesh.vertices.selectingRows(chosen)
    return EmbeddingSpace(
      name: (path as NSString).lastPathComponent, distances: distances,
      truth: .vertices(chosen, of: mesh.vertices.rows),
      positions: Matrix(rows: positions.rows, columns: 3) { positions[$0, [0, 2, 1][$1]] },
      colors: (0..<positions.rows).map { positions[$0, 1] })
  }

  /// Returns vertices by farthest-point sampling from the first one, in ascending order.
  private static func farApart(_ vertices: Matrix, _ count: Int) -> [Int] {
    var distances = [Double](repeating: .infinity, count: vertices.rows)
    var chosen: [Int] = []
    var next = 0
    while chosen.count < count {
      chosen.append(next)
      for vertex in distances.indices {
        distances[vertex] = min(distances[vertex], squaredDistance(vertices[row: vertex], vertices[row: next]))
      }
      next = distances.indices.max { distances[$0] < distances[$1] } ?? 0
    }
    return chosen.sorted()
  }
}
