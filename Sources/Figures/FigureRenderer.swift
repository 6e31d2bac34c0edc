import Foundation
import Processes

/// Why a figure could not be drawn. Its description is one sentence.
public struct FigureError: Error, CustomStringConvertible, Sendable {
  public let description: String
}

/// The file formats of figures.
public enum FigureFormat: String, Sendable, CaseIterable {
  case png, svg, pdf
}

/// Draws figures by gnuplot, run as a process. The script and its numbers stay beside the picture, so that a user can edit and redraw:
/// `gnuplot NAME.gp` in that folder. The same figure gives the same bytes.
public struct FigureRenderer: Sendable {
  /// Where the files go; created when absent.
  public let folder: String

  public init(folder: String) { self.folder = folder }

  /// Writes NAME.png (or .svg, .pdf), NAME.gp and the NAME….csv it reads.
  ///
  /// - Returns: the path of the picture.
  /// - Throws: `FigureError` when the folder can't be written or gnuplot is missing or fails.
  @discardableResult
  public func render(_ figure: Figure, format: FigureFormat = .png) throws(FigureError) -> String {
    let script = Script(figure)
    let output = "\(figure.name).\(format.rawValue)"
    let text = header(figure, format: format, output: output) + script.text
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for table in script.tables { try table.content.write(toFile: "\(folder)/\(table.name)", atomically: true, encoding: .utf8) }
      try text.write(toFile: "\(folder)/\(figure.name).gp", atomically: true, encoding: .utf8)
    } catch {
      throw FigureError(description: "\(folder): the figure '\(figure.name)' cannot be written (no permission, or the disk is full)")
    }
    try gnuplot("\(figure.name).gp")
    return "\(folder)/\(output)"
  }

  /// gnuplot's version; nil when it is not installed.
  public static var version: String? {
    guard let output = try? ProgramOutput(of: ["gnuplot", "--version"]), output.succeeded else { return nil }
    return output.text.split(separator: " ").dropFirst().first.map(String.init)
  }

  private func header(_ figure: Figure, format: FigureFormat, output: String) -> String {
    let (width, height) = (figure.panelSize.width * figure.panels.count, figure.panelSize.height)
    let terminal =
      switch format {
      case .png: "pngcairo enhanced size \(width),\(height)"
      case .svg: "svg enhanced size \(width),\(height)"
      case .pdf: "pdfcairo enhanced size \(Double(width) / 100)in,\(Double(height) / 100)in"
      }
    return
      "# Drawn by otlab; redraw with: gnuplot \(figure.name).gp\nset terminal \(terminal) font '\(HouseStyle.font),11'\nset output '\(output)'\n"
  }

  private func gnuplot(_ script: String) throws(FigureError) {
    let output: ProgramOutput
    do {
      // The date is what PDF files carry; without it they would differ from one drawing to the next.
      output = try ProgramOutput(of: ["gnuplot", script], streams: .both, in: folder, environment: ["SOURCE_DATE_EPOCH": "0"])
    } catch {
      throw FigureError(
        description: "gnuplot cannot be started (\(error.reason)); install it with: apt-get install gnuplot-nox fonts-dejavu-core")
    }
    guard output.succeeded, !output.text.contains("warning: empty") else {
      let last = output.text.split(separator: "\n").last { $0.contains("line ") || $0.contains("warning") } ?? "no message"
      throw FigureError(description: "\(folder)/\(script): gnuplot failed: \(last)")
    }
  }
}
