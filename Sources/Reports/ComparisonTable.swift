import Documents
import Foundation
import Runs

extension Table {
  /// The lines of a comparison as a table; `reference` names what the metrics are held against.
  public init(_ lines: [Comparison.Line], title: String, reference: String) {
    self.init(
      name: "comparison", title: title,
      columns: ["case", "metric"].map { .init(title: $0, isNumeric: false) }
        + ["value", reference, "tolerance"].map { .init(title: $0, isNumeric: true) } + [.init(title: "verdict", isNumeric: false)],
      rows: lines.map {
        [
          $0.label, $0.metric, shortText($0.value), shortText($0.baseline), String(format: "%.2g", $0.allowance), $0.verdict.rawValue,
        ]
      })
  }
}

/// A metric to eight digits, which tell any two apart that a tolerance does.
public func shortText(_ value: Value?) -> String {
  if case .number(let number)? = value { String(format: "%.8g", number) } else { value.map(\.text) ?? "–" }
}
