import CPNG
import Files
import Foundation
import LinearAlgebra

/// An image as stored: samples of 8 or 16 bits without gamma or color conversion.
public struct PixelImage: Equatable, Sendable {
  /// The number of pixels in a row.
  public let width: Int
  /// The height of the image in pixels.
  public let height: Int
  /// The number of channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
  public let channels: Int
  /// The number of bits of a sample, 8 or 16.
  public let depth: Int
  /// The samples in row-major order from the top, with the channels of a pixel side by side.
  public let samples: [UInt16]

  /// Creates an image; `samples` must have width × height × channels elements.
  public init(width: Int, height: Int, channels: Int, depth: Int = 8, samples: [UInt16]) {
    precondition(width > 0 && height > 0, "an image has at least one pixel")
    precondition(
      (1...4).contains(channels) && (depth == 8 || depth == 16), "an image has 1 to 4 channels of 8 or 16 bits")
    precondition(samples.count == width * height * channels, "\(samples.count) samples do not fill the image")
    self.width = width
    self.height = height
    self.channels = channels
    self.depth = depth
    self.samples = samples
  }

  /// Reads a PNG file; palettes and depths below 8 bits are expanded.
  public init(pngFile path: String) throws(DataError) {
    if let obstacle = RegularFile.obstacle(to: path) { throw DataError(path: path, problem: obstacle) }
    var image = cpng_image()
    guard cpng_read_header(path, &image) == 0 else { throw Self.error(path, image) }
    let shape = [Int(image.height), Int(image.width), Int(image.channels)]
    guard let count = NumericArray.count(ofShape: shape), count <= 1 << 28 else {
      throw DataError(path: path, problem: "claims \(shape[1])×\(shape[0]) pixels, which is refused")
    }
    let stored = RegularFile.size(of: path)
    guard StoredSize(stored).canHold(count * Int(image.depth) / 8) else {
      throw DataError(path: path, problem: "claims \(shape[1])×\(shape[0]) pixels in \(stored) bytes, which is refused")
    }
    // Either the library's buffer or the numbers made of the samples are held in addition to the samples.
    try ReaderMemory.require(10 * Double(count), of: path)
    var samples = [UInt16](repeating: 0, count: count)
    guard cpng_read_samples(path, &image, &samples) == 0 else { throw Self.error(path, image) }
    self.init(width: shape[1], height: shape[0], channels: shape[2], depth: Int(image.depth), samples: samples)
  }

  /// Writes a PNG file; equal images give equal bytes.
  public func write(pngFile path: String) throws(DataError) {
    var image = cpng_image()
    image.width = UInt32(width)
    image.height = UInt32(height)
    image.channels = Int32(channels)
    image.depth = Int32(depth)
    guard cpng_write(path, &image, samples) == 0 else {
      throw DataError(.unwritable, path: path, problem: "cannot be written as PNG: \(Self.message(image))")
    }
  }

  /// The samples as an array of height × width, or height × width × channels if there are several channels.
  public var array: NumericArray {
    NumericArray(
      shape: channels == 1 ? [height, width] : [height, width, channels], elements: samples.map(Double.init))
  }

  private static func error(_ path: String, _ image: cpng_image) -> DataError {
    DataError(path: path, problem: "is not a readable PNG file (truncated or damaged?): \(message(image))")
  }

  private static func message(_ image: cpng_image) -> String {
    withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
