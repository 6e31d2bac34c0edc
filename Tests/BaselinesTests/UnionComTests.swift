import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Baselines

@Suite struct UnionComTests {
  @Test func aPermutedCopyIsMatched() {
    var random = SeededGenerator(seed: 6)
    let points = Matrix(rows: 30, columns: 2) { _, k in (k == 0 ? 2 : 1) * pow(random.uniform(), 2) }
    let order = random.permutation(30)
    let lengths = squaredDistances(points, points).map { 30 * $0.squareRoot() }
    let copy = Matrix(rows: 30, columns: 30) { lengths[order[$0], order[$1]] }
    let answer = UnionCom(epochs: 3000).match(lengths, copy, scale: 1)
    let hits = (0..<30).count { k in (0..<30).max { answer.matching[$0, k] < answer.matching[$1, k] } == order[k] }
    #expect(hits > 20)
    #expect(answer.violation < 0.05)
    #expect(answer.misfit < 0.05)
  }
}
