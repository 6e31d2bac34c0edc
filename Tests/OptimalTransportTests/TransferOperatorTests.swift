import LinearAlgebra
import Testing

@testable import OptimalTransport

@Suite struct TransferOperatorTests {
  @Test func permutationsMoveValues() {
    let plan = Matrix(rows: 3, columns: 3, elements: [0, 0.2, 0, 0, 0, 0.5, 0.3, 0, 0])
    #expect(TransferOperator(plan: plan).push([1, 2, 3]) == [3, 1, 2])
  }

  @Test func massIsConservedWhereThePlanHasMass() {
    let plan = Matrix(rows: 3, columns: 2, elements: [0.1, 0.3, 0, 0, 0.2, 0.2])
    let pushed = TransferOperator(plan: plan).push([4, 7, 2])
    #expect(abs(pushed.reduce(0, +) - 6) < 1e-15)
    #expect(abs(pushed[0] - 2) < 1e-15)
  }
}
