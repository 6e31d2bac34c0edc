import LinearAlgebra

/// Returns Pearson's correlation of two lists of the same length; 0 if all values of a list are equal.
func pearsonCorrelation(_ x: [Double], _ y: [Double]) -> Double {
  let count = Double(x.count)
  let (mx, my) = (compensatedSum(x) / count, compensatedSum(y) / count)
  var (xy, xx, yy) = (0.0, 0.0, 0.0)
  for (a, b) in zip(x, y) {
    xy += (a - mx) * (b - my)
    xx += (a - mx) * (a - mx)
    yy += (b - my) * (b - my)
  }
  return xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : 0
}

/// Returns Spearman's correlation, that of the ranks, where equal values share their mean rank.
func rankCorrelation(_ x: [Double], _ y: [Double]) -> Double { pearsonCorrelation(meanRanks(x), meanRanks(y)) }

private func meanRanks(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var result = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start
    while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
    for place in start...end { result[order[place]] = Double(start + end) / 2 }
    start = end + 1
  }
  return result
}
