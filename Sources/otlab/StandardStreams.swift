import Datasets
import Foundation
import Runs
@preconcurrency import SwiftGlibc

// The lines and bytes that a user sees. They may lie on a disk that is full: what cannot be said there does not end a command, but a result
// that is lost does.
//
// Swift sees in `stdout` a variable, which nobody sets: hence the C library's own module, without the checks of concurrency.

/// A line for the user that is no result.
func printError(_ line: String) { writeError(line + "\n") }

/// Notes that the user sees as they come up.
func printedNotes() -> Notes { Notes { printError("note: \($0)") } }

/// Text on standard error. Where it cannot be written, the exit code has to do.
func writeError(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

/// Bytes on standard output as they are.
func writeOutput(_ data: Data) throws {
  do { try FileHandle.standardOutput.write(contentsOf: data) } catch { throw lostOutput(errno) }
}

/// Has the process end with a sentence and the code for what cannot be written, whatever else it would have ended with, if what was printed
/// has not all arrived.
func watchOutput() {
  atexit {
    guard fflush(stdout) != 0 || ferror(stdout) != 0 else { return }
    printError("error: \(lostOutput(errno))")
    _exit(Exit.unwritable)
  }
}

private func lostOutput(_ code: Int32) -> StoreError {
  .unwritable(path: "standard output", reason: code == ENOSPC ? "the disk is full" : String(cString: strerror(code)))
}
