import Foundation

/// Transforms the elements in parallel and returns the results in order.
public func concurrentMap<T: Sendable, U: Sendable>(_ elements: [T], _ transform: @Sendable (T) -> U) -> [U] {
  let chunk = max(1, elements.count / (4 * ProcessInfo.processInfo.activeProcessorCount) + 1)
  let starts = Array(stride(from: 0, to: elements.count, by: chunk))
  let parts = Parts<U>(count: starts.count)
  DispatchQueue.concurrentPerform(iterations: starts.count) { index in
    let range = starts[index]..<min(elements.count, starts[index] + chunk)
    parts.set(index, elements[range].map(transform))
  }
  return parts.joined
}

private final class Parts<U: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var parts: [[U]]

  init(count: Int) { parts = [[U]](repeating: [], count: count) }

  func set(_ index: Int, _ part: [U]) { lock.withLock { parts[index] = part } }

  var joined: [U] { lock.withLock { Array(parts.joined()) } }
}
