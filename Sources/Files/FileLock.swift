import Foundation

/// An exclusive lock between processes, on a file; the system lets it go when the value or the process ends, however that happens.
/// The file is there only while somebody holds the lock or waits for it.
///
/// It is a lock of the open file (`F_OFD_SETLK`), since the system tells of such a lock who asks (`F_OFD_GETLK`): to find out by taking it would
/// keep others away for a moment.
public final class FileLock {
  /// The lock's file cannot be opened or locked, for the system's reason.
  public struct Failure: Error {
    /// The system's number of it, as `errno` has it.
    public let code: Int32
    public var reason: String { String(cString: strerror(code)) }
  }

  private let path: String
  private let descriptor: Int32

  /// Waits until nobody else holds the lock.
  ///
  /// - Parameter onWait: called once if there is someone to wait for.
  public convenience init(path: String, onWait: () -> Void = {}) throws(Failure) {
    if let descriptor = try Self.acquire(path, waiting: false) {
      self.init(path: path, descriptor: descriptor)
      return
    }
    onWait()
    while true {
      if let descriptor = try Self.acquire(path, waiting: true) {
        self.init(path: path, descriptor: descriptor)
        return
      }
    }
  }

  /// The lock if nobody else holds it; nil otherwise.
  public static func attempt(path: String) throws(Failure) -> FileLock? {
    try acquire(path, waiting: false).map { FileLock(path: path, descriptor: $0) }
  }

  /// Whether somebody holds the lock now. Asking never takes it.
  public static func isHeld(path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var lock = wholeFile
    return fcntl(descriptor, Command.ask, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
  }

  /// The system's commands for locks of open files, whose names the headers do not give to Swift.
  private enum Command {
    #if os(Linux)
      static let (ask, take, wait): (Int32, Int32, Int32) = (36, 37, 38)
    #else
      static let (ask, take, wait): (Int32, Int32, Int32) = (92, 90, 91)
    #endif
  }

  private static var wholeFile: flock {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    return lock
  }

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  /// Opens and locks the file; nil when another holds it, or when it was removed by who held it.
  private static func acquire(_ path: String, waiting: Bool) throws(Failure) -> Int32? {
    let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure(code: errno) }
    var lock = wholeFile
    while fcntl(descriptor, waiting ? Command.wait : Command.take, &lock) != 0 {
      let code = errno
      if code == EINTR { continue }
      close(descriptor)
      if code == EAGAIN || code == EACCES { return nil }
      throw Failure(code: code)
    }
    var (locked, named) = (stat(), stat())
    guard fstat(descriptor, &locked) == 0, stat(path, &named) == 0, locked.st_ino == named.st_ino else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  deinit {
    // Removed while it is still locked: whoever opened it before sees that it is no longer the one under this name.
    unlink(path)
    close(descriptor)
  }
}
