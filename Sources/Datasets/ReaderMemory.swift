import LinearAlgebra

/// What a reader holds at its peak, asked for before it is taken: the file's bytes, what is made of them, and the array.
enum ReaderMemory {
  /// What the rest of the program takes meanwhile.
  private static let spare = 32e6

  /// Every reader asks here, and all say it in one sentence.
  ///
  /// - Parameters:
  ///   - bytes: what is about to be taken.
  ///   - held: what the same reading holds already and will go on to hold.
  ///   - subject: what in the file needs them, as in `dataset 'C'`; the file itself when empty.
  static func require(_ bytes: Double, besides held: Double = 0, of path: String, subject: String = "") throws(DataError) {
    guard let shortfall = MachineMemory.shortfall(bytes: bytes + held + spare, held: held) else { return }
    throw DataError(.unfit, path: path, problem: "\(subject.isEmpty ? "" : subject + " ")needs \(shortfall)", isOfMemory: true)
  }
}
