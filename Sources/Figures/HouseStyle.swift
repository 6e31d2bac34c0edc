/// The one look of all figures.
enum HouseStyle {
  static let font = "DejaVu Sans"

  /// Okabe and Ito's palette for categories, which colour-blind readers tell apart; yellow last, since it is faint on white.
  static let categories = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#F0E442"]

  /// The viridis map for fields, perceptually even and safe for colour-blind readers, in nine steps.
  static let field = ["#440154", "#472D7B", "#3B528B", "#2C728E", "#21918C", "#28AE80", "#5EC962", "#ADDC30", "#FDE725"]

  static func colour(_ index: Int) -> String { categories[index % categories.count] }

  /// gnuplot's number of a mark for the points of a curve, so that curves differ without colour as well.
  static func pointType(_ index: Int) -> Int { [7, 5, 9, 13, 6, 4, 8, 12][index % 8] }

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
