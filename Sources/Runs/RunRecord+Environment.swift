import Documents

extension RunRecord {
  /// What the run's own process had and took. Each is nil where an earlier build has not written it.
  public struct Environment: Sendable {
    public var threads: Int?
    /// Name, version and kernel of the BLAS library.
    public var blas: String?
    /// The instructions that the kernels of this package used.
    public var simd: String?
    /// debug or release.
    public var configuration: String?
    /// Bytes held at most.
    public var peakMemory: Int?
    /// Of the run's own process, without the programs that draw its figures.
    public var processorSeconds: Double?
    /// When it began, in ISO 8601.
    public var started: String?
    /// Until the result was there.
    public var secondsComputing: Double?
    /// Until the pictures were there as well.
    public var secondsElapsed: Double?
    /// The seed of the order that its points were given; nil where they kept their own.
    public var relabeling: String?

    public init() {}
  }
}

extension RunRecord.Environment {
  /// - Parameter members: nil where a record has none.
  init(_ members: Members?) throws(DocumentError) {
    guard let members else { return }
    threads = try members.optionalInteger("threads")
    blas = try members.optionalString("blas")
    simd = try members.optionalString("simd")
    configuration = try members.optionalString("configuration")
    peakMemory = try members.optionalInteger("peakMemoryBytes")
    processorSeconds = try members.optionalNumber("processorSeconds")
    started = try members.optionalString("started")
    secondsComputing = try members.optionalNumber("secondsComputing")
    secondsElapsed = try members.optionalNumber("secondsElapsed")
    relabeling = try members.optionalString("relabeling")
  }

  var value: Value {
    var members: [String: Value] = ["relabeling": relabeling.map(Value.string) ?? .null]
    members["threads"] = threads.map(Value.integer)
    members["blas"] = blas.map(Value.string)
    members["simd"] = simd.map(Value.string)
    members["configuration"] = configuration.map(Value.string)
    members["peakMemoryBytes"] = peakMemory.map(Value.integer)
    members["processorSeconds"] = processorSeconds.map(Value.number)
    members["started"] = started.map(Value.string)
    members["secondsComputing"] = secondsComputing.map(Value.number)
    members["secondsElapsed"] = secondsElapsed.map(Value.number)
    return .object(members)
  }
}
