import Baselines
import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import Reports
import Runs

// The only place where errors become sentences and exit codes.

enum Exit {
  static let failed: Int32 = 1
  static let invalid: Int32 = 65
  static let unreadable: Int32 = 66
  static let ownFault: Int32 = 70
  static let unwritable: Int32 = 73
  static let interrupted: Int32 = 130

  /// Returns the exit code of a command after a run's process has ended with a code: that of bad input is kept.
  static func code(ofRun code: Int32) -> Int32 { [invalid, unreadable, unwritable].contains(code) ? code : failed }
}

/// A known failure with its sentence and its exit code.
///
/// Errors of the argument parser are not included.
struct Failure {
  let sentence: String
  let exitCode: Int32

  init?(_ error: any Error) {
    switch error {
    case is DocumentError, is ProblemError, is ExperimentError, is BaselineError, is TableError: exitCode = Exit.invalid
    case let error as DataError:
      exitCode =
        switch error.kind {
        case .unreadable: Exit.unreadable
        case .unfit: Exit.invalid
        case .unwritable: Exit.unwritable
        }
    case let error as StoreError:
      exitCode =
        switch error {
        case .unwritable: Exit.unwritable
        case .unreadable: Exit.unreadable
        case .cannotStart: Exit.ownFault
        case .noSuchRun: Exit.invalid
        }
    case is AddressSpace.Shortage: exitCode = Exit.failed
    case let error as FigureError: exitCode = error.isUnwritable ? Exit.unwritable : Exit.failed
    default: return nil
    }
    sentence = "\(error)"
  }
}
