import Foundation

/// The memory of this machine, to be asked before much of it is.
public enum MachineMemory {
  /// What a sentence says of a need that is too large, as in "about 30.0 GB of memory, but this machine has 24.0 GB"; nil when there is enough.
  public static func shortfall(bytes: Double) -> String? {
    let available = Double(ProcessInfo.processInfo.physicalMemory)
    guard bytes > available else { return nil }
    let gigabytes = { (bytes: Double) in "\((bytes / 1e8).rounded() / 10) GB" }
    return "about \(gigabytes(bytes)) of memory, but this machine has \(gigabytes(available))"
  }
}
