import LinearAlgebra

/// What a solver holds at its peak, by the sizes of its inputs. Each entry states it beside what it does, and no entry runs before it was asked for.
public struct MemoryNeed {
  /// How many numbers of eight bytes.
  let numbers: Double
  /// The problem in words, as in "a 10×200000 problem".
  let problem: String

  /// A problem between n and m points.
  ///
  /// - Parameters:
  ///   - plans: how many n×m matrices are held at once.
  ///   - source, target: how many n×n and m×m ones.
  ///   - others: further numbers.
  package init(_ n: Int, _ m: Int, plans: Double, source: Double = 0, target: Double = 0, others: Double = 0) {
    let (rows, columns) = (Double(n), Double(m))
    numbers = plans * rows * columns + source * rows * rows + target * columns * columns + others
    problem = "a \(n)×\(m) problem"
  }

  package init(numbers: Double, problem: String) {
    self.numbers = numbers
    self.problem = problem
  }

  /// - Throws: `InputError` when there is less memory.
  package func require(of path: String) throws(InputError) {
    guard let shortfall = MachineMemory.shortfall(bytes: 8 * numbers) else { return }
    throw InputError(place: path, problem: "\(problem) needs \(shortfall)")
  }
}

extension ProblemInputs {
  /// Rows of the first of these inputs that is there; 0 when none is.
  func rows(_ names: String...) throws -> Int { try names.lazy.compactMap { try self.shape(of: $0) }.first?.first ?? 0 }

  /// Its columns, 1 for a vector.
  func columns(_ name: String) throws -> Int {
    guard let shape = try shape(of: name) else { return 0 }
    return shape.count < 2 ? 1 : shape[1]
  }
}
