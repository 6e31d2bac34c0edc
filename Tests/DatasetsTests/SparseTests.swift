import Datasets
import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// Sparse matrices of AnnData files.
@Suite struct SparseTests {
  private static let path = fixture("cells.h5ad")

  private static var expected: NumericArray {
    NumericArray(shape: [4, 5], elements: (0..<20).map { $0 % 3 == 0 ? 0.5 * Double($0) - 3 : 0 })
  }

  @Test(arguments: ["X", "/X", "layers/columns", "obsm/old"])
  func rowsAndColumnsGiveOneMatrix(name: String) throws {
    #expect(try NumericArray.read(Self.path, dataset: name) == Self.expected)
  }

  @Test func theMatrixOfCellsIsMeantWhereNoneIsNamed() throws {
    #expect(try NumericArray.read(Self.path) == Self.expected)
    #expect(try NumericArray.read(Self.path, dataset: "obsm/X_pca") == ramp(4, 2))
  }

  @Test(arguments: [
    ("layers/broken", "has the index 9.0 in entry 2 (from 0), but 0 to 4 was expected"),
    ("layers/short", "which do not form a sparse matrix"), ("layers/huge", "claims the shape 1×1152921504606846976"),
    ("layers/none", "holds no dataset 'layers/none'"),
  ])
  func brokenPartsAreNamed(name: String, problem: String) {
    let error = #expect(throws: DataError.self) { try NumericArray.read(Self.path, dataset: name) }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
  }
}
