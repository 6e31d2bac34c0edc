import LinearAlgebra
import OptimalTransport
import Pipeline

/// The support of a free barycenter of images: all points of their surface, with the labels that points may have.
struct BarycenterSupport {
  enum Labels: String, CaseIterable {
    /// The left half of the image has label 1 and the right half label 0, as digits are colored.
    case halves
    /// Each point may have any label, with one copy of the surface for each label.
    case free
  }

  enum LabelDistance: String, CaseIterable {
    case discrete
    /// The number of steps around a circle of labels, divided by the largest possible number.
    case cycle

    func squared(_ a: Int, _ b: Int, of count: Int) -> Double {
      switch self {
      case .discrete: return a == b ? 0 : 1
      case .cycle:
        let apart = abs(a - b)
        let steps = Double(min(apart, count - apart)) / Double(max(count / 2, 1))
        return steps * steps
      }
    }
  }

  let surface: ImageSurface
  let labels: Labels
  let labelDistance: LabelDistance
  /// The number of labels, at least 1.
  let labelCount: Int
  let isFused: Bool

  init(
    _ surface: ImageSurface, _ images: [ImageData.Image], labels: Labels, labelDistance: LabelDistance, isFused: Bool
  ) {
    self.surface = surface
    self.labels = labels
    self.labelDistance = labelDistance
    self.isFused = isFused
    labelCount = 1 + (images.compactMap { $0.labels?.max() }.max() ?? 0)
  }

  private var copies: Int { isFused && labels == .free ? labelCount : 1 }

  /// Returns a star: the surface with a free marginal in the middle, and the images around it.
  func problem(
    _ images: [ImageData.Image], weights: [Double], alpha: Double, rho: Double
  ) throws -> TreeGromovWassersteinProblem {
    let needed = images.reduce(0.0) { $0 + 4 * 4 * Double(surface.count * copies) * Double($1.points.count) }
    if let shortfall = MachineMemory.shortfall(bytes: needed) {
      throw ExperimentError(
        description:
          "images of \(surface.rows)×\(surface.columns) pixels need \(shortfall); data.size averages them to fewer")
    }
    let center = try TreeGromovWassersteinProblem.Space(
      geometry: .lattice(surface.lattice()), copies: copies, marginal: TreeMarginal(freeOver: surface.count * copies))
    let leaves = try images.map { image in
      try TreeGromovWassersteinProblem.Space(
        geometry: .lattice(surface.lattice(image.points)),
        marginal: TreeMarginal(weights: image.shares, relaxation: rho))
    }
    let features = try isFused ? images.map { try labelCosts($0, alpha: alpha) } : nil
    return try TreeGromovWassersteinProblem(
      topology: .star(leaves: images.count), spaces: [center] + leaves, edgeWeights: weights, features: features,
      alpha: alpha)
  }

  private func labelCosts(_ image: ImageData.Image, alpha: Double) throws -> Matrix {
    guard let own = image.labels else {
      throw ExperimentError(description: "params.alpha is \(alpha), but the images have no labels")
    }
    return Matrix(rows: surface.count * copies, columns: own.count) { place, y in
      labelDistance.squared(label(place), own[y], of: max(labelCount, 2))
    }
  }

  /// Returns the label of an entry of the center's marginal.
  private func label(_ place: Int) -> Int {
    switch labels {
    case .free: place % copies
    case .halves: surface.column(place) < surface.columns / 2 ? 1 : 0
    }
  }

  /// Returns the masses of the points over all labels.
  func masses(_ marginal: [Double]) -> [Double] {
    copies == 1 ? marginal : (0..<surface.count).map { k in marginal[k * copies..<(k + 1) * copies].reduce(0, +) }
  }

  /// Returns the masses of the points with one label.
  func masses(_ marginal: [Double], label: Int) -> [Double] {
    (0..<surface.count).map { k in
      (0..<copies).reduce(0) { self.label(k * copies + $1) == label ? $0 + marginal[k * copies + $1] : $0 }
    }
  }

  /// Returns the rotation of a globe's barycenter to the position of an input; nil in the plane or if the plan does
  /// not determine it.
  func turn(_ plan: Matrix, _ image: ImageData.Image) -> Matrix? {
    guard surface.kind == .globe else { return nil }
    func direction(_ point: Int) -> [Double] {
      let pixel = surface.pixel(point)
      return GlobeView.direction(
        longitude: 2 * .pi * (Double(pixel % surface.columns) + 0.5) / Double(surface.columns),
        colatitude: .pi * (Double(pixel / surface.columns) + 0.5) / Double(surface.rows))
    }
    let z = Matrix(rows: surface.count, columns: 3) { direction($0)[$1] }
    let x = Matrix(rows: image.points.count, columns: 3) { direction(image.points[$0])[$1] }
    return GlobeView.alignment((z.transposed * plan * x).transposed)
  }
}
