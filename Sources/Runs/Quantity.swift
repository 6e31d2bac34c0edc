import Foundation

/// Formats seconds and bytes for people.
public enum Quantity {
  /// Formats a duration, for example 2 min 5 s.
  public static func time(_ seconds: Double) -> String {
    // A damaged record may hold any number.
    if abs(seconds) >= 3.6e15 { return String(format: "%.3g s", seconds) }
    return switch seconds {
    case ..<1: "\(Int((seconds * 1000).rounded())) ms"
    case ..<100: String(format: "%.\(seconds == seconds.rounded() ? 0 : 1)f s", seconds)
    case ..<3600: "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
    default: "\(Int(seconds) / 3600) h \(Int(seconds) / 60 % 60) min"
    }
  }

  /// Formats a size, for example 1.5 GiB.
  public static func memory(_ bytes: Int) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    var (value, unit) = (Double(bytes), 0)
    while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
    return (value == value.rounded() ? "\(Int(value))" : String(format: "%.1f", value)) + " " + units[unit]
  }
}
