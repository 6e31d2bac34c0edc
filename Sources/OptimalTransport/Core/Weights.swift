extension [Double] {
  /// Returns `count` equal weights that sum to 1.
  public static func uniform(_ count: Int) -> [Double] { [Double](repeating: 1 / Double(count), count: count) }
}
