import Datasets
import Foundation
import Runs
@preconcurrency import SwiftGlibc

// The lines and bytes that a user sees. They may lie on a disk that is full: what cannot be said there does not end a command, but a result
// that is lost does.
//
// Swift sees in `stdout` a variable, which nobody sets: hence the C library's own module, without the checks of concurrency.

/// A line for the user that is no result.
func printError(_ line: String) { writeError(shown(line) + "\n") }

/// Takes the place of the language's own in this module: what is printed may hold texts of others, which are nothing but texts to a terminal.
func print(_ text: String, terminator: String = "\n") { Swift.print(shown(text), terminator: terminator) }

/// A text in which control characters, by which it could command a terminal, are seen as pictures of themselves.
func shown(_ text: String) -> String {
  func isShown(_ character: Unicode.Scalar) -> Bool {
    character == "\n" || character == "\t" || character.properties.generalCategory != .control
  }
  // Nearly all texts have none. The characters beyond ASCII are two bytes, of which the first is C2.
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != 0xC2 || $0 == 0x0A || $0 == 0x09 }) { return text }
  return String(
    String.UnicodeScalarView(
      text.unicodeScalars.map { character in
        if isShown(character) { return character }
        return character.value < 0x20 ? Unicode.Scalar(0x2400 + character.value) ?? "\u{FFFD}" : "\u{FFFD}"
      }))
}

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
