import CKernels
import LinearAlgebra

/// Kernel sums term by term, exact for any values and any kernel.
///
/// - Complexity: O(n1 n2 d1 d2) exponentials or cosines, in parallel
struct DirectSum: KernelSum {
  private let first: Matrix
  private let second: Matrix
  private let kernel: ConeKernel
  private let inverse: Double
  let error = 0.0

  init(_ first: Matrix, _ second: Matrix, kernel: ConeKernel, delta: Double) {
    (self.first, self.second, self.kernel, inverse) = (first, second, kernel, 1 / delta)
  }

  /// The number of terms of all sums.
  var terms: Double { Double(first.rows) * Double(second.rows) * Double(first.columns) * Double(second.columns) }

  func sum(_ s: Matrix, into out: inout Matrix) {
    let (d1, d2, n2) = (first.columns, second.columns, second.rows)
    out.withUnsafeMutableElements { out in
      nonisolated(unsafe) let out = out
      forEachChunk(of: first.rows, chunks: terms < 1e5 ? 1 : 32) { _, range in
        first.withUnsafeElements { a in
          second.withUnsafeElements { b in
            s.withUnsafeElements { s in
              for i in range {
                for j in 0..<n2 {
                  var sum = 0.0
                  for k in 0..<d1 {
                    let value = a[i * d1 + k]
                    switch kernel {
                    case .gaussianHellinger: sum += ck_gaussian_sum(value, b + j * d2, inverse, s + k * d2, d2)
                    case .wassersteinFisherRao(let truncation):
                      sum += ck_cosine_sum(value, b + j * d2, inverse, truncation, s + k * d2, d2)
                    }
                  }
                  out[i * n2 + j] = sum
                }
              }
            }
          }
        }
      }
    }
  }
}
