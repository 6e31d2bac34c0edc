import ArgumentParser
import Files
import Foundation

// What a shell can complete beyond options and files.

extension CompletionKind {
  /// Completes the names of the experiments in the folder that the command line names, or in the default one.
  static var experiments: CompletionKind {
    .custom { words, _, _ in
      let folder =
        words.firstIndex(of: "--experiments").flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil } ?? "experiments"
      let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      // The shell expands these words, so names with special characters are left out.
      return entries.filter { name in
        name.isPlainShellWord && FileManager.default.fileExists(atPath: "\(folder)/\(name)/manifest.yaml")
      }.sorted()
    }
  }
}
