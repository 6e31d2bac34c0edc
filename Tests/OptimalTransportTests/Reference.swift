import Datasets
import Foundation
import LinearAlgebra

/// A case computed by an independent implementation in numpy.
struct Reference {
  private let path: String

  init(_ name: String) {
    path = Bundle.module.resourcePath.map { "\($0)/Fixtures/\(name).h5" } ?? name
  }

  func matrix(_ name: String) throws -> Matrix { try HDF5.read(path, dataset: name).matrix }
  func vector(_ name: String) throws -> [Double] { try HDF5.read(path, dataset: name).elements }
  func number(_ name: String) throws -> Double { try vector(name)[0] }
}
