/// Returns the minimum of Σ C_ij P_ij over plans of whole masses, in integer arithmetic.
///
/// It uses successive shortest paths by Dijkstra's algorithm, which share nothing with a simplex.
///
/// - Parameters:
///   - cost: the costs, at most 2¹⁰⁰; nil forbids a pair.
///   - supply: the masses of the sources.
///   - demand: the masses of the targets.
/// - Returns: The minimum; nil if every plan uses a forbidden pair.
public func wholeNumberOptimum(_ cost: [[Int128?]], supply: [Int], demand: [Int]) -> Int128? {
  let (n, m) = (supply.count, demand.count)
  // Negative costs would mislead the first search.
  let least = cost.joined().compactMap { $0 }.min() ?? 0
  let price = cost.map { $0.map { $0.map { $0 - least } } }
  var (supply, demand) = (supply, demand)
  var flow = [[Int]](repeating: [Int](repeating: 0, count: m), count: n)
  var potential = [Int128](repeating: 0, count: n + m)
  while let source = supply.firstIndex(where: { $0 > 0 }) {
    var distance = [Int128?](repeating: nil, count: n + m)
    var (isDone, before) = ([Bool](repeating: false, count: n + m), [Int](repeating: -1, count: n + m))
    distance[source] = 0
    var (end, length) = (-1, Int128(0))
    while true {
      var best = -1
      for node in 0..<(n + m) {
        guard !isDone[node], let own = distance[node] else { continue }
        if best < 0 || own < distance[best] ?? 0 { best = node }
      }
      guard best >= 0, let reached = distance[best] else { return nil }
      if best >= n, demand[best - n] > 0 {
        (end, length) = (best, reached)
        break
      }
      isDone[best] = true
      func relax(_ node: Int, _ step: Int128) {
        let total = reached + step + potential[best] - potential[node]
        if isDone[node] || distance[node].map({ $0 <= total }) ?? false { return }
        (distance[node], before[node]) = (total, best)
      }
      if best < n {
        for j in 0..<m { if let step = price[best][j] { relax(n + j, step) } }
      } else {
        for i in 0..<n where flow[i][best - n] > 0 { relax(i, -(price[i][best - n] ?? 0)) }
      }
    }
    for node in 0..<(n + m) { potential[node] += distance[node].map { min($0, length) } ?? length }
    var (amount, node) = (min(supply[source], demand[end - n]), end)
    while node != source {
      if node < n { amount = min(amount, flow[node][before[node] - n]) }
      node = before[node]
    }
    node = end
    while node != source {
      if node < n { flow[node][before[node] - n] -= amount } else { flow[before[node]][node - n] += amount }
      node = before[node]
    }
    supply[source] -= amount
    demand[end - n] -= amount
  }
  return (0..<n).reduce(0) { sum, i in
    (0..<m).reduce(sum) { $0 + (flow[i][$1] > 0 ? (cost[i][$1] ?? 0) * Int128(flow[i][$1]) : 0) }
  }
}
