/// The one look of all figures.
enum HouseStyle {
  static let font = "DejaVu Sans"

  /// Okabe and Ito's palette for categories, which colour-blind readers tell apart; yellow last, since it is faint on white.
  static let categories = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#F0E442"]

  /// The viridis map for fields, perceptually even and safe for colour-blind readers, in nine steps.
  static let field = ["#440154", "#472D7B", "#3B528B", "#2C728E", "#21918C", "#28AE80", "#5EC962", "#ADDC30", "#FDE725"]

  static func colour(_ index: Int) -> String { categories[index % categories.count] }

  /// What the palette's colours are called, for titles that stand in for a key.
  private static let names = ["blue", "orange", "green", "pink", "light blue", "red", "black", "yellow"]

  static func name(_ index: Int) -> String { names[index % names.count] }

  /// Red, green and blue of a category's colour, in [0, 1].
  static func components(_ index: Int) -> [Double] {
    let code = Int(colour(index).dropFirst(), radix: 16) ?? 0
    return [code >> 16, (code >> 8) & 255, code & 255].map { Double($0) / 255 }
  }

  /// gnuplot's number of a mark for the points of a curve, so that curves differ without colour as well. One fewer than colours: the ninth curve has the
  /// first one's colour and another mark.
  static func pointType(_ index: Int) -> Int { [7, 5, 9, 13, 6, 4, 8][index % 7] }

  /// Commands that every script starts with.
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
