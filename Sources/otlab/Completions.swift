import ArgumentParser
import Files
import Foundation

// What a shell can complete beyond options and files.

extension CompletionKind {
  /// The names of the experiments in the folder where the shell stands, or in the one that the line gives.
  static var experiments: CompletionKind {
    .custom { words, _, _ in
      let folder = words.firstIndex(of: "--experiments").flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil } ?? "experiments"
      let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      // The shell expands these words: a name that means something to it would be carried out.
      return entries.filter { name in
        name.isPlainShellWord && FileManager.default.fileExists(atPath: "\(folder)/\(name)/manifest.yaml")
      }.sorted()
    }
  }
}
