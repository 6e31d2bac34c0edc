import Documents

extension RunRecord {
  /// The libraries and resources of a run's process.
  ///
  /// A value is nil if an earlier version has not recorded it.
  public struct Environment: Sendable {
    /// The number of threads that the run was allowed to use.
    public var threads: Int?
    /// The name, version, and kernel of the BLAS library.
    public var blas: String?
    /// The vector instructions that this package's kernels used.
    public var simd: String?
    /// The build configuration, debug or release.
    public var configuration: String?
    /// The peak memory in bytes.
    public var peakMemory: Int?
    /// The CPU time in seconds of the run's process, without the programs that draw its figures.
    public var processorSeconds: Double?
    /// The time at which the run began, in ISO 8601.
    public var started: String?
    /// The seconds until the result was computed.
    public var secondsComputing: Double?
    /// The seconds until the figures were drawn as well.
    public var secondsElapsed: Double?
    /// The seed of the order of points in a test; nil if the points kept their own.
    public var relabeling: String?

    /// Creates an environment in which nothing is known.
    public init() {}
  }
}

extension RunRecord.Environment {
  /// Reads the environment of a record; nil stands for a record without one.
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
