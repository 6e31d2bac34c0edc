import Documents
import Foundation
import Runs

extension Table {
  /// Creates a table of comparisons; `reference` is the title of the column of reference values.
  public init(_ lines: [Comparison.Line], title: String, reference: String) {
    self.init(
      name: "comparison", title: title,
      columns: ["row", "metric"].map { .init(title: $0, isNumeric: false) }
        + ["value", reference, "tolerance"].map { .init(title: $0, isNumeric: true) } + [
          .init(title: "verdict", isNumeric: false)
        ],
      rows: lines.map {
        [
          $0.label, $0.metric, shortText($0.value), shortText($0.baseline), String(format: "%.2g", $0.allowance),
          $0.verdict.text,
        ]
      })
  }
}

/// Formats a metric with eight digits, enough to show any difference that exceeds a tolerance.
public func shortText(_ value: Value?) -> String {
  if case .number(let number)? = value { String(format: "%.8g", number) } else { value.map(\.text) ?? "–" }
}
