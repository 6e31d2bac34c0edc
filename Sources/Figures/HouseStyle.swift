/// The common style of all figures.
enum HouseStyle {
  static let font = "DejaVu Sans"

  /// The palette of Okabe and Ito for categories, which is safe for color-blind readers; yellow is last, since it is
  /// faint on white.
  static let categories = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#F0E442"]

  /// The viridis color map in nine steps, which is perceptually uniform and safe for color-blind readers.
  static let field = [
    "#440154", "#472D7B", "#3B528B", "#2C728E", "#21918C", "#28AE80", "#5EC962", "#ADDC30", "#FDE725",
  ]

  static func color(_ index: Int) -> String { categories[index % categories.count] }

  /// The names of the palette's colors, for titles that replace a legend.
  private static let names = ["blue", "orange", "green", "pink", "light blue", "red", "black", "yellow"]

  static func name(_ index: Int) -> String { names[index % names.count] }

  /// The red, green, and blue components of a category's color, in [0, 1].
  static func components(_ index: Int) -> [Double] {
    let code = Int(color(index).dropFirst(), radix: 16) ?? 0
    return [code >> 16, (code >> 8) & 255, code & 255].map { Double($0) / 255 }
  }

  /// The gnuplot number of the marker of a curve.
  ///
  /// There is one marker fewer than there are colors, so that the ninth curve has the color of the first but another
  /// marker.
  ///
  /// - Parameter index: the index of the curve.
  /// - Returns: The number of the marker.
  static func pointType(_ index: Int) -> Int { [7, 5, 9, 13, 6, 4, 8][index % 7] }

  /// The commands at the beginning of every script.
  static var preamble: String {
    let palette = field.enumerated().map { "\($0.offset) '\($0.element)'" }.joined(separator: ", ")
    return """
      set encoding utf8
      set datafile separator comma
      set border lw 1 lc rgb '#444444'
      set palette defined (\(palette))
      set colorbox

      """
  }
}
