import LinearAlgebra

/// The peak memory of a solver, estimated from the sizes of its inputs.
///
/// Every solver states it next to its code, and no solver runs before the memory has been checked.
public struct MemoryNeed {
  /// The number of 8-byte numbers.
  let numbers: Double
  /// The problem in words, such as "a 10×200000 problem".
  let problem: String

  /// The memory of a problem between n and m points.
  ///
  /// - Parameters:
  ///   - n: the number of source points.
  ///   - m: the number of target points.
  ///   - plans: the number of n×m matrices that are held at once.
  ///   - source: the number of n×n matrices.
  ///   - target: the number of m×m matrices.
  ///   - others: the number of further numbers.
  package init(_ n: Int, _ m: Int, plans: Double, source: Double = 0, target: Double = 0, others: Double = 0) {
    let (rows, columns) = (Double(n), Double(m))
    numbers = plans * rows * columns + source * rows * rows + target * columns * columns + others
    problem = "a \(n)×\(m) problem"
  }

  package init(numbers: Double, problem: String) {
    self.numbers = numbers
    self.problem = problem
  }

  /// Checks that this much memory is available.
  ///
  /// - Parameter path: the place that an error message names.
  /// - Throws: `InputError` if less memory is available.
  package func require(of path: String) throws(InputError) {
    guard let shortfall = MachineMemory.shortfall(bytes: 8 * numbers) else { return }
    throw InputError(place: path, problem: "\(problem) needs \(shortfall)")
  }
}

extension ProblemInputs {
  /// The number of rows of the first of these inputs that is present; 0 if none is.
  func rows(_ names: String...) throws -> Int { try names.lazy.compactMap { try self.shape(of: $0) }.first?.first ?? 0 }

  /// The number of columns of an input; 1 for a vector.
  func columns(_ name: String) throws -> Int {
    guard let shape = try shape(of: name) else { return 0 }
    return shape.count < 2 ? 1 : shape[1]
  }
}
