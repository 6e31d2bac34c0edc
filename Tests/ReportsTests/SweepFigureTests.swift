import Figures
import Testing

@testable import Reports

/// Two points always have a power, and three hardly show that there is none.
@Test func powersAreFittedToFourPointsAtLeast() {
  #expect(Figure.exponent([1, 2], [1, 5]) == nil)
  #expect(Figure.exponent([1, 2, 4], [1, 4, 16]) == nil)
  #expect(Figure.exponent([1, 2, 2, 4], [1, 4, 4, 16]) == nil)
  #expect(Figure.exponent([1, 2, 4, 8], [3, 12, 48, 192]) == "2.00")
  // What has no logarithm is no point.
  #expect(Figure.exponent([0, 1, 2, 4], [1, 3, 12, 48]) == nil)
}
