import Documents
import OptimalTransport

extension Annealing {
  /// Reads the mapping `annealing` with the keys `start`, `factor`, and `steps`.
  package init(_ fields: Fields, default fallback: Annealing) throws(DocumentError) {
    let own = try Self.mapping(fields)
    self.init(
      start: try own.positiveNumber("start", default: fallback.start, about: "initial ε, in the unit of epsilon"),
      factor: try Self.factor(own, fallback), steps: try Self.steps(own, fallback))
  }

  /// Reads the mapping `annealing`, in which an absent `start` is a multiple of the final ε.
  package init(_ fields: Fields, epsilon: Double, times: Double, steps: Int) throws(DocumentError) {
    let fallback = Annealing(start: times * epsilon, steps: steps)
    let own = try Self.mapping(fields)
    let start = try own.optionalPositiveNumber(
      "start", about: "initial ε, in the unit of epsilon; \(Int(times)) times epsilon if absent")
    self.init(
      start: start ?? fallback.start, factor: try Self.factor(own, fallback), steps: try Self.steps(own, fallback))
  }

  private static func mapping(_ fields: Fields) throws(DocumentError) -> Fields {
    try fields.refuse("annealFrom", since: "is now 'start' in 'annealing'")
    try fields.refuse("annealBy", since: "is now 'factor' in 'annealing'")
    try fields.refuse("annealSteps", since: "is now 'steps' in 'annealing'")
    return try fields.fieldsOrEmpty("annealing", about: "the decrease of ε to its final value")
  }

  private static func factor(_ fields: Fields, _ fallback: Annealing) throws(DocumentError) -> Double {
    try fields.number(
      "factor", default: fallback.factor, in: .between(0, 1),
      about: "the factor by which ε decreases from one level to the next")
  }

  private static func steps(_ fields: Fields, _ fallback: Annealing) throws(DocumentError) -> Int {
    try fields.integer("steps", default: fallback.steps, in: 1...1000, about: "outer iterations per level of ε")
  }
}
