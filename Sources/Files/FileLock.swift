import Foundation

/// An exclusive lock between processes, held on a file.
///
/// The system releases the lock when this value or the process ends, for whatever reason. The file exists only while
/// a process holds the lock or waits for it. The lock belongs to the open file (`F_OFD_SETLK`), because the system
/// can tell whether such a lock is held (`F_OFD_GETLK`); testing by taking it would block other processes for a
/// moment.
public final class FileLock {
  /// The lock's file cannot be opened or locked.
  public struct Failure: Error {
    /// The system's error number, `errno`.
    public let code: Int32
    /// The system's description of the error.
    public var reason: String { String(cString: strerror(code)) }
  }

  private let path: String
  private let descriptor: Int32

  /// Waits until no other process holds the lock, and takes it.
  ///
  /// - Parameters:
  ///   - path: the file to lock; it is created if necessary.
  ///   - onWait: called once if another process holds the lock.
  /// - Throws: `Failure` if the file cannot be opened or locked.
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

  /// Takes the lock if no other process holds it, and returns nil otherwise.
  public static func attempt(path: String) throws(Failure) -> FileLock? {
    try acquire(path, waiting: false).map { FileLock(path: path, descriptor: $0) }
  }

  /// Returns whether a process holds the lock now, without taking it.
  public static func isHeld(path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var lock = wholeFile
    return fcntl(descriptor, Command.ask, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
  }

  /// The system's commands for locks of open files, which the headers do not export to Swift.
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

  /// Opens and locks the file; nil if another process holds the lock or has just removed the file.
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
    // Remove the file while it is locked: a process that opened it earlier sees that the name now refers to another
    // file or none.
    unlink(path)
    close(descriptor)
  }
}
