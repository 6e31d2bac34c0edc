import Foundation
import Processes

/// A figure that could not be drawn; its description is one sentence.
public struct FigureError: Error, CustomStringConvertible, Sendable {
  /// The reason in one sentence.
  public let description: String
  /// Whether the place is at fault, and not the figure or gnuplot.
  public let isUnwritable: Bool

  init(description: String, isUnwritable: Bool = false) {
    self.description = description
    self.isUnwritable = isUnwritable
  }
}

/// The file formats of figures.
public enum FigureFormat: String, Sendable, CaseIterable {
  /// A pixel image.
  case png
  /// A vector graphic for web pages.
  case svg
  /// A vector graphic for print.
  case pdf
}

/// Draws figures by running gnuplot.
///
/// The script and its numbers stay beside the picture, so that it can be edited and redrawn: `gnuplot -d ./NAME.gp`
/// in that folder. The same figure gives the same bytes, since no file and no variable of the user's is read.
public struct FigureRenderer: Sendable {
  /// The seconds after which gnuplot is stopped; an ordinary picture takes a twentieth of a second.
  private static let patience = 60.0
  /// The folder of the pictures; it is created if necessary.
  public let folder: String

  /// Creates a renderer that writes to a folder.
  public init(folder: String) { self.folder = folder }

  /// Writes a picture (NAME.png, .svg, or .pdf), the script NAME.gp, and the CSV files that the script reads.
  ///
  /// - Parameters:
  ///   - figure: the figure to draw.
  ///   - format: the file format of the picture.
  /// - Returns: The path of the picture.
  /// - Throws: `FigureError` if the folder cannot be written, or if gnuplot is missing or fails.
  @discardableResult
  public func render(_ figure: Figure, format: FigureFormat = .png) throws(FigureError) -> String {
    let script = Script(figure)
    let output = "\(figure.name).\(format.rawValue)"
    let text = header(figure, format: format, output: output) + script.text
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for table in script.tables {
        try table.content.write(toFile: "\(folder)/\(table.name)", atomically: true, encoding: .utf8)
      }
      try text.write(toFile: "\(folder)/\(figure.name).gp", atomically: true, encoding: .utf8)
    } catch {
      throw FigureError(
        description: "\(folder): the figure '\(figure.name)' cannot be written (no permission, or the disk is full)",
        isUnwritable: true)
    }
    try gnuplot("\(figure.name).gp")
    if format == .pdf { Self.undate("\(folder)/\(output)") }
    return "\(folder)/\(output)"
  }

  /// Returns gnuplot's version, or nil if gnuplot is not installed; throws `FigureError` if it does not answer.
  public static func version() throws(FigureError) -> String? {
    guard let output = try? ProgramOutput(of: ["gnuplot", "--version"], seconds: 20) else { return nil }
    if output.isTimedOut {
      throw FigureError(description: "'gnuplot --version' did not finish within 20 s; is it gnuplot?")
    }
    return output.succeeded ? output.text.split(separator: " ").dropFirst().first.map(String.init) : nil
  }

  private func header(_ figure: Figure, format: FigureFormat, output: String) -> String {
    let (width, height) = (figure.panelSize.width * figure.columns, figure.panelSize.height * figure.rows)
    let terminal =
      switch format {
      case .png: "pngcairo enhanced size \(width),\(height)"
      case .svg: "svg enhanced size \(width),\(height)"
      case .pdf: "pdfcairo enhanced size \(Double(width) / 100)in,\(Double(height) / 100)in"
      }
    return
      "# Drawn by otlab; redraw with: gnuplot -d ./\(figure.name).gp\n"
      + "set terminal \(terminal) font '\(HouseStyle.font),11'\nset output \(Label.quotedName(output))\n"
  }

  /// Sets the creation date in a PDF file to a fixed one, so that the same figure gives the same bytes.
  private static func undate(_ path: String) {
    guard var data = FileManager.default.contents(atPath: path),
      let mark = data.firstRange(of: Data("/CreationDate (D:".utf8))
    else {
      return
    }
    let epoch = Data("19700101000000".utf8)
    guard mark.upperBound + epoch.count <= data.count else { return }
    data.replaceSubrange(mark.upperBound..<mark.upperBound + epoch.count, with: epoch)
    try? data.write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  /// The environment of gnuplot: the time zone of dates in a PDF, and none of the user's gnuplot settings.
  private static let environment: [String: String?] = {
    let own = ProcessInfo.processInfo.environment.keys.filter {
      $0.hasPrefix("GNUPLOT") || ["GNUTERM", "GNUHELP", "FIT_SCRIPT"].contains($0)
    }
    return Dictionary(uniqueKeysWithValues: own.map { ($0, nil) }).merging(["TZ": "UTC"]) { $1 }
  }()

  private func gnuplot(_ script: String) throws(FigureError) {
    let advice = "install it with: apt-get install gnuplot-nox fonts-dejavu-core"
    let output: ProgramOutput
    do {
      output = try ProgramOutput(
        of: ["gnuplot", "-d", "./\(script)"], streams: .both, in: folder, environment: Self.environment,
        seconds: Self.patience)
    } catch {
      throw FigureError(description: "gnuplot cannot be started (\(error.reason)); \(advice)")
    }
    if output.isTimedOut {
      throw FigureError(
        description: "\(folder)/\(script): gnuplot did not finish within \(Int(Self.patience)) s and was stopped")
    }
    // This is the code of `env` for a program that does not exist.
    if output.end == .exited(127) { throw FigureError(description: "gnuplot is not installed; \(advice)") }
    guard output.succeeded, !output.text.contains("warning: empty") else {
      let last =
        output.text.split(separator: "\n").last { $0.contains("line ") || $0.contains("warning") } ?? "no message"
      throw FigureError(description: "\(folder)/\(script): gnuplot failed: \(last)")
    }
  }
}
