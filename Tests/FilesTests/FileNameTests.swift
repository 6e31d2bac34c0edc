import Files
import Foundation
import TestSupport
import Testing

@Suite struct FileNameTests {
  @Test(arguments: [
    ("plan", "plan"), ("sinkhorn[ε=0.1, k=2]", "sinkhorn[ε=0.1, k=2]"), ("e<1", "e~3C1"), ("e>1", "e~3E1"),
    ("a/b", "a~2Fb"),
    ("a-b", "a-b"),
    ("..", "~2E."), (".", "~2E"), (".hidden", "~2Ehidden"), ("a.b", "a.b"), ("", "~"), ("~", "~7E"), ("~3C", "~7E3C"),
    ("a\nb", "a~0Ab"),
    ("cafe\u{301}", "caf\u{E9}"), ("💥", "~F0~9F~92~A5"),
  ])
  func namesAreWrittenInOneWay(name: String, file: String) {
    #expect(Array(name.asFileName().utf8) == Array(file.utf8))
  }

  /// Names of three characters of those that are written differently, and long ones that differ at their ends: all
  /// apart, none leads out.
  @Test func noTwoShareAPlace() {
    let characters = ["", "a", "3", "C", ".", "/", "~", "<", "\u{0}", "é", "E", " "]
    var names: Set<String> = []
    for a in characters { for b in characters { for c in characters { names.insert(a + b + c) } } }
    for length in [60, 199, 200, 201, 500] {
      for end in ["", "x", "y", "/", "~"] { names.insert(String(repeating: "n", count: length) + end) }
    }
    let isTaken = { (name: String) in ["aaa", "E", "aa"].contains(name) }
    let files = names.map { $0.asFileName(unless: isTaken) }
    #expect(Set(files.map { Array($0.utf8) }).count == names.count)
    #expect(
      files.allSatisfy {
        !$0.isEmpty && $0.utf8.count <= 255 && !$0.hasPrefix(".") && !$0.contains("/") && !isTaken($0)
      })
  }
}
