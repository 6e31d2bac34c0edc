import Glibc
import LinearAlgebra

/// Slices of a problem that are solved one by one: the one loop over them.
struct SliceSeries {
  /// Few enough that what is projected at once is small, and enough for all threads.
  static let chunk = 16

  /// The value of each slice.
  private(set) var values: [Double] = []
  /// `interrupted` where the monitor has ended the series.
  private(set) var status = Status.converged

  /// Solves the slices in their order, some at a time, each on a thread of its own.
  ///
  /// - Parameters:
  ///   - count: the number of slices, at least 1.
  ///   - monitor: is asked between chunks whether to go on.
  ///   - chunk: prepares a range of slices and returns what solves each of them.
  ///   - value: gives the value of a solved slice.
  ///   - take: receives each slice in order.
  /// - Throws: the error of the first slice that failed.
  mutating func solve<Slice: Sendable>(
    _ count: Int, monitor: Monitor?, chunk: (Range<Int>) -> @Sendable (Int) throws(ProblemError) -> Slice,
    value: (Slice) -> Double,
    take: (Slice) -> Void = { _ in }
  ) throws(ProblemError) {
    let watch = Watch(monitor)
    for first in stride(from: 0, to: count, by: Self.chunk) {
      let range = first..<min(first + Self.chunk, count)
      let solve = chunk(range)
      var found = [Result<Slice, ProblemError>?](repeating: nil, count: range.count)
      found.withUnsafeMutableBufferPointer { buffer in
        nonisolated(unsafe) let places = buffer
        forEachIndependent(of: places.count) { index in
          do throws(ProblemError) { places[index] = .success(try solve(index)) } catch {
            places[index] = .failure(error)
          }
        }
      }
      for result in found {
        guard let slice = try result?.get() else { continue }
        values.append(value(slice))
        take(slice)
      }
      if range.upperBound < count,
        !watch.goesOn(step: range.upperBound, objective: compensatedSum(values) / Double(values.count))
      {
        status = .interrupted
        return
      }
    }
  }
}

/// What slices say of the distance between two measures.
public struct SliceValues: Sendable {
  /// W_p^p of each slice, at least one.
  public let each: [Double]
  let exponent: Double

  /// SW_p^p, the mean.
  public var mean: Double { compensatedSum(each) / Double(each.count) }

  /// SW_p, the mean's root.
  public var distance: Double { Self.root(mean, exponent) }

  /// The largest value of a slice.
  public var largest: Double { each.reduce(0) { max($0, $1) } }

  /// The standard error of the mean over drawn directions; infinite for a single one.
  public var standardError: Double {
    guard each.count > 1 else { return .infinity }
    // In units of the largest, so that no square leaves the range of numbers.
    let unit = max(largest, .leastNormalMagnitude)
    let centre = mean / unit
    let squares = compensatedSum(each.map { ($0 / unit - centre) * ($0 / unit - centre) })
    return unit * (squares / Double(each.count * (each.count - 1))).squareRoot()
  }

  private static func root(_ value: Double, _ exponent: Double) -> Double {
    exponent == 1 ? value : exponent == 2 ? value.squareRoot() : pow(value, 1 / exponent)
  }
}

extension Matrix {
  /// The rows brought to length 1.
  ///
  /// - Throws: `ProblemError.parameter` when a row has no length.
  func unitRows(named name: String) throws(ProblemError) -> Matrix {
    var result = self
    for i in 0..<rows {
      let length = Matrix.length(self[row: i])
      if !(length > 0 && length.isFinite) {
        throw .parameter(name: "the length of \(name) \(i)", found: "\(length)", expected: "a positive number")
      }
      for k in 0..<columns { result[i, k] = self[i, k] / length }
    }
    return result
  }

  /// A Bᵀ.
  func transposedProduct(with other: Matrix) -> Matrix {
    var result = Matrix(rows: rows, columns: other.rows)
    result.addTransposedProduct(self, other, overwriting: true)
    return result
  }

  /// The Euclidean length, where squares may leave the range of numbers.
  static func length(_ vector: some Collection<Double>) -> Double {
    let largest = vector.reduce(0) { max($0, abs($1)) }
    if largest == 0 || !largest.isFinite { return largest }
    return largest * vector.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
  }
}
