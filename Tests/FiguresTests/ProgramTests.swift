import Foundation
import Processes
import TestSupport
import Testing

@Suite struct ProgramTests {
  /// Whether a `sleep` of so many seconds is at work.
  private func sleeps(_ seconds: Int) throws -> Bool {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { process in
      let command = FileManager.default.contents(atPath: "/proc/\(process)/cmdline").map {
        String(decoding: $0, as: UTF8.self)
      }
      return command == "sleep\0\(seconds)\0"
    }
  }

  @Test func aProgramThatDoesNotEndIsEndedWithItsChildren() throws {
    let output = try ProgramOutput(of: ["sh", "-c", "echo begun; (sleep 7907; true) & sleep 7908; true"], seconds: 0.5)
    #expect(output.isTimedOut && !output.succeeded && output.text == "begun\n")
    // Who was killed goes when the system has time for it.
    for _ in 0..<600 where try sleeps(7907) || sleeps(7908) { usleep(50_000) }
    #expect(try !sleeps(7907) && !sleeps(7908))
  }

  /// A program is over when it has ended, even if what it has left behind holds its output open.
  @Test func whatIsLeftBehindIsNotWaitedFor() throws {
    let output = try ProgramOutput(of: ["sh", "-c", "sleep 5 & echo $!"])
    #expect(output.succeeded)
    let left = try #require(Int32(output.text.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(kill(left, SIGKILL) == 0)
  }

  @Test func outputOfAnySizeIsTakenAndVariablesAreTakenAway() throws {
    let output = try ProgramOutput(of: ["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x"])
    #expect(output.succeeded && output.text.utf8.count == 3_000_000)
    let home = try ProgramOutput(of: ["sh", "-c", "echo \"${HOME-none} $A\""], environment: ["HOME": nil, "A": "b"])
    #expect(home.text == "none b\n")
    #expect(try ProgramOutput(of: ["sh", "-c", "echo $0; echo e >&2; exit 3"], streams: .errors).text == "e\n")
  }
}
