import Datasets
import Foundation
import Runs
@preconcurrency import SwiftGlibc

// Output may go to a full disk: a line for the user that cannot be written does not end the command, but a lost
// result does.
//
// Swift imports `stdout` as a mutable variable, which nothing here changes; hence the import of the C library without
// concurrency checks.

/// Prints a line for the user that is not a result.
func printError(_ line: String) { writeError(shown(line) + "\n") }

/// Replaces the standard `print` in this module, so that control characters in foreign texts cannot command the
/// terminal.
func print(_ text: String, terminator: String = "\n") { Swift.print(shown(text), terminator: terminator) }

/// Returns a text in which control characters are replaced by visible symbols.
func shown(_ text: String) -> String {
  func isShown(_ character: Unicode.Scalar) -> Bool {
    character == "\n" || character == "\t" || character.properties.generalCategory != .control
  }
  // Most texts have no control characters. Those beyond ASCII are two bytes, the first of which is C2.
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != 0xC2 || $0 == 0x0A || $0 == 0x09 }) { return text }
  return String(
    String.UnicodeScalarView(
      text.unicodeScalars.map { character in
        if isShown(character) { return character }
        return character.value < 0x20 ? Unicode.Scalar(0x2400 + character.value) ?? "\u{FFFD}" : "\u{FFFD}"
      }))
}

/// Creates notes that are printed as they arise.
func printedNotes() -> Notes { Notes { printError("note: \($0)") } }

/// Writes a text to standard error; a failure is left to the exit code.
func writeError(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

/// Writes bytes to standard output unchanged.
func writeOutput(_ data: Data) throws {
  do { try FileHandle.standardOutput.write(contentsOf: data) } catch { throw lostOutput(errno) }
}

/// Makes the process end with the exit code of unwritable output if standard output could not be written completely.
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
