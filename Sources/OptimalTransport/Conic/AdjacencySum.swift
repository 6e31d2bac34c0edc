import CKernels
import LinearAlgebra

/// Kernel sums for values 0 and 1, with c = Ω(1/δ) and A and B the matrices of both hypernetworks.
///
/// They are exact:
///
///     M = ΣS − (1 − c)(A r ⊕ B s − 2 A S Bᵀ)
///
/// with r and s the row and column sums of S, and take |A| d2 + n1 |B| additions for |A| and |B| ones.
struct AdjacencySum: KernelSum {
  private let first: Adjacency
  private let second: Adjacency
  private let factor: Double
  let error = 0.0

  /// Prepares the sums; nil if there are values other than 0 and 1.
  init?(_ first: Hypernetwork.Values, _ second: Hypernetwork.Values, kernel: ConeKernel, delta: Double) {
    func adjacency(_ values: Hypernetwork.Values) -> Adjacency? {
      switch values {
      case .adjacency(let graph): graph
      case .dense(let matrix): Adjacency(matrix)
      }
    }
    guard let a = adjacency(first), let b = adjacency(second) else { return nil }
    (self.first, self.second) = (a, b)
    factor = 1 - kernel.value(1 / delta)
  }

  /// Whether the additions cost less than dense products.
  var isSparse: Bool {
    let additions = Double(first.count) * Double(second.columns) + Double(first.rows) * Double(second.count)
    let dense = Double(first.rows) * Double(second.columns) * Double(first.columns + second.rows)
    return additions < 0.2 * dense || dense < 1e5
  }

  func sum(_ s: Matrix, into out: inout Matrix) {
    let (rows, columns, inner) = (first.rows, second.rows, second.columns)
    let (rowSums, columnSums) = (s.rowSums, s.columnSums)
    let total = compensatedSum(rowSums)
    let (rowTerms, columnTerms) = (first.sums(rowSums), second.sums(columnSums))
    let side = 8
    let blocks = (rows + side - 1) / side
    out.withUnsafeMutableElements { out in
      nonisolated(unsafe) let out = out
      forEachChunk(of: blocks, chunks: rows * columns < 100_000 ? 1 : 16) { _, range in
        var line = [Double](repeating: 0, count: inner)
        var block = [Double](repeating: 0, count: inner * side)
        s.withUnsafeElements { s in
          for index in range {
            let start = index * side
            first.starts.withUnsafeBufferPointer { starts in
              rowTerms.withUnsafeBufferPointer { terms in
                guard let starts = starts.baseAddress, let terms = terms.baseAddress else { return }
                ck_adjacency_rows(
                  starts + start, first.ends, second.starts, second.ends, s, inner, terms + start, columnTerms, total,
                  factor, &line,
                  &block,
                  out + start * columns, min(side, rows - start), columns)
              }
            }
          }
        }
      }
    }
  }
}
