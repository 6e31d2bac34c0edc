import Datasets
import Documents
import Figures
import Foundation
import SolverCatalogue
import UserProblems

/// The output file of a solution, checked before the work and not after it.
enum SolutionFile {
  static func ensureWritable(_ path: String) throws {
    guard path.hasSuffix(".h5") || path.hasSuffix(".hdf5") else {
      throw DocumentError(
        place: .option("--output \(path)"), problem: "solutions are HDF5; a name ending with .h5 was expected")
    }
    try ensureFolder(of: path)
  }

  static func ensurePicture(_ path: String) throws {
    guard path.lowercased().hasSuffix(".png") else {
      throw DocumentError(
        place: .option("--figure \(path)"), problem: "pictures are PNG; a name ending with .png was expected")
    }
    try ensureFolder(of: path)
  }

  /// Refuses to overwrite an input with the answer.
  static func ensure(_ option: String, _ path: String, replacesNoneOf inputs: [String]) throws {
    func identity(_ path: String) -> (UInt64, UInt64)? {
      var status = stat()
      return stat(path, &status) == 0 ? (UInt64(status.st_dev), UInt64(status.st_ino)) : nil
    }
    guard let own = identity(path), let input = inputs.first(where: { identity($0).map { $0 == own } ?? false }) else {
      return
    }
    throw DocumentError(
      place: .option("\(option) \(path)"),
      problem: "is the input \(input), which would be overwritten; another name was expected")
  }

  static func ensureFolder(of path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    guard FileManager.default.isWritableFile(atPath: folder.isEmpty ? "." : folder) else {
      throw DataError(.unwritable, path: path, problem: "cannot be written (no such folder or no permission)")
    }
  }
}

/// A solution in a few lines or as JSON, with the settings.
struct SolutionSummary {
  let answer: SolverAnswer
  let description: Value
  let seconds: Double
  let output: String?

  func show(asJSON: Bool) {
    if asJSON {
      var object = description.object ?? [:]
      for (name, value) in answer.summary { object[name] = value }
      object["notes"] = .array(answer.notes.map { .string($0) })
      object["seconds"] = .number(seconds)
      if let output { object["output"] = .string(output) }
      print(Value.object(object).json(indented: true))
    } else {
      for line in answer.lines { print(line) }
      print("seconds: \((seconds * 1000).rounded() / 1000)")
    }
  }
}

extension Figure {
  /// Draws only the picture, since the script and the numbers could overwrite files with the same names.
  func draw(to path: String) throws {
    let folder = "\(path).drawing-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let drawn = try FigureRenderer(folder: folder).render(self)
    if rename(drawn, path) != 0 {
      throw DataError(.unwritable, path: path, problem: "cannot be written: \(String(cString: strerror(errno)))")
    }
  }
}
