/// What keeps points from becoming a neighbourhood graph with finite path lengths. Its description is one sentence.
public enum GraphError: Error, Equatable, CustomStringConvertible, Sendable {
  case neighbors(k: Int, points: Int, countingSelf: Bool)
  case noCorrelation(row: Int)
  case disconnected(components: Int, largest: Int, points: Int)

  public var description: String {
    switch self {
    case .neighbors(let k, let points, let countingSelf):
      let range = countingSelf ? "2…\(points), the point itself counted" : "1…\(points - 1)"
      return "\(k) neighbours were asked for among \(points) points; a number in \(range) was expected"
    case .noCorrelation(let row):
      return
        "row \(row) (from 0) has no correlation with others, since all its entries are equal; use the euclidean metric, remove the row, or let undefined correlations count as zero"
    case .disconnected(let components, let largest, let points):
      return
        "the neighbourhood graph falls into \(components) components (the largest has \(largest) of \(points) points), so that some path lengths are infinite; raise the number of neighbours, or let unreachable pairs count as the largest finite length"
    }
  }
}
