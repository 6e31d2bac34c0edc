/// A reason why points do not form a neighborhood graph with finite path lengths.
public enum GraphError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The number k of neighbors is out of range for the number of points.
  case neighbors(k: Int, points: Int, countingSelf: Bool)
  /// All entries of a row are equal, so that its correlations are undefined.
  case noCorrelation(row: Int)
  /// The neighborhood graph is not connected.
  case disconnected(components: Int, largest: Int, points: Int)
  /// The mesh is not connected.
  case meshInPieces(components: Int, largest: Int, vertices: Int)
  /// An edge of the mesh belongs to more than two faces.
  case edgeOfManyFaces(first: Int, second: Int, faces: Int)
  /// A face of the mesh, by its index, has no area.
  case faceWithoutArea(Int)

  /// One sentence that says what is wrong and, where possible, what to do.
  public var description: String {
    switch self {
    case .neighbors(let k, let points, let countingSelf):
      let range = countingSelf ? "2…\(points), the point itself counted" : "1…\(points - 1)"
      return "\(k) neighbors were asked for among \(points) points; a number in \(range) was expected"
    case .noCorrelation(let row):
      return
        """
        row \(row) (counted from 0) has no correlation with other rows, because all its entries are equal; use the \
        Euclidean metric, remove the row, or let undefined correlations count as zero
        """
    case .disconnected(let components, let largest, let points):
      return
        """
        the neighborhood graph falls into \(components) components (the largest has \(largest) of \(points) points), \
        so some path lengths are infinite; raise the number of neighbors, or let unreachable pairs count as the \
        largest finite length
        """
    case .meshInPieces(let components, let largest, let vertices):
      return
        """
        the mesh falls into \(components) components (the largest has \(largest) of \(vertices) vertices, single \
        vertices counted), but a connected mesh was expected
        """
    case .edgeOfManyFaces(let first, let second, let faces):
      return
        """
        the edge between vertices \(first) and \(second) (from 0) belongs to \(faces) faces, but at most 2 were \
        expected
        """
    case .faceWithoutArea(let face):
      return "face \(face) (from 0) has no area, so no path can cross it; remove it or merge its vertices"
    }
  }
}
