import Datasets

extension PixelImage {
  /// Whether all outermost pixels are background.
  public var borderIsWhite: Bool {
    let white = UInt16(depth == 16 ? 65535 : 255)
    return (0..<height).allSatisfy { y in
      let isEdge = y == 0 || y == height - 1
      return (isEdge ? Array(0..<width) : [0, width - 1]).allSatisfy { x in
        let start = (y * width + x) * channels
        return samples[start..<start + min(3, channels)].allSatisfy { $0 == white }
      }
    }
  }
}
