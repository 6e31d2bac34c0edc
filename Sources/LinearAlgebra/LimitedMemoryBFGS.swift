import CLBFGS

/// Minimizes a smooth function that is given with its gradient.
///
/// By the quasi-Newton method with limited memory of Nocedal (1980, DOI 10.1090/S0025-5718-1980-0572855-7), by liblbfgs
/// with the line search of Moré and Thuente. Each step takes an evaluation or a few, and O(10 n).
public struct LimitedMemoryBFGS: Sendable {
  /// ‖∇f(x)‖ / max(1, ‖x‖) at which it ends.
  public var tolerance: Double
  /// The most steps.
  public var iterationLimit: Int

  /// A method with the given limits.
  ///
  /// - Parameters:
  ///   - tolerance: ‖∇f(x)‖ / max(1, ‖x‖) at which it ends.
  ///   - iterationLimit: the most steps.
  public init(tolerance: Double = 1e-6, iterationLimit: Int = 500) {
    self.tolerance = tolerance
    self.iterationLimit = iterationLimit
  }

  /// How a minimization ended.
  public enum Outcome: Equatable, Sendable {
    /// The gradient is as small as was asked for.
    case converged
    /// The most steps were made.
    case iterationLimit
    /// What watches it asked to stop.
    case interrupted
    /// The line search found no lower value, with liblbfgs's code: the values are no longer exact enough, or f is not
    /// smooth.
    case stalled(code: Int)
  }

  /// Minimizes f.
  ///
  /// - Parameters:
  ///   - start: where it begins.
  ///   - watch: told after each step of the step's number, the value and ‖∇f‖; false ends it.
  ///   - evaluate: gives f at a point, and writes its gradient.
  /// - Returns: the last point, its value, the number of steps, and how it ended.
  public func minimize(
    from start: [Double], watch: (Int, Double, Double) -> Bool = { _, _, _ in true },
    evaluate: (UnsafeBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Double
  ) -> (point: [Double], value: Double, iterations: Int, outcome: Outcome) {
    // Builds with vector instructions take whole multiples of eight numbers.
    let (count, padded) = (start.count, (start.count + 7) / 8 * 8)
    guard count > 0, let x = lbfgs_malloc(Int32(padded)) else { return (start, .nan, 0, .stalled(code: 0)) }
    defer { lbfgs_free(x) }
    for index in 0..<padded { x[index] = index < count ? start[index] : 0 }
    var parameters = lbfgs_parameter_t()
    lbfgs_parameter_init(&parameters)
    parameters.epsilon = tolerance
    parameters.max_iterations = Int32(clamping: iterationLimit)
    var value = 0.0
    return withoutActuallyEscaping(evaluate) { evaluate in
      withoutActuallyEscaping(watch) { watch in
        let calls = Calls(count: count, evaluate: evaluate, watch: watch)
        let code = withExtendedLifetime(calls) {
          lbfgs(
            Int32(padded), x, &value,
            { instance, x, gradient, padded, _ in
              guard let instance, let x, let gradient else { return .nan }
              return Calls.of(instance).value(x, gradient, padded: Int(padded))
            },
            { instance, _, _, value, _, norm, _, _, iteration, _ in
              guard let instance, Calls.of(instance).goesOn(after: Int(iteration), value, norm) else {
                return Int32(LBFGSERR_CANCELED)
              }
              return 0
            }, Unmanaged.passUnretained(calls).toOpaque(), &parameters)
        }
        let point = (0..<count).map { x[$0] }
        return (point, value, calls.iterations, Self.outcome(Int(code)))
      }
    }
  }

  private static func outcome(_ code: Int) -> Outcome {
    switch code {
    case LBFGS_SUCCESS, LBFGS_ALREADY_MINIMIZED: .converged
    case LBFGSERR_MAXIMUMITERATION: .iterationLimit
    case LBFGSERR_CANCELED: .interrupted
    default: .stalled(code: code)
    }
  }

  /// What the library's callbacks call.
  private final class Calls {
    private let count: Int
    private let evaluate: (UnsafeBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Double
    private let watch: (Int, Double, Double) -> Bool
    private(set) var iterations = 0

    init(
      count: Int, evaluate: @escaping (UnsafeBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Double,
      watch: @escaping (Int, Double, Double) -> Bool
    ) {
      (self.count, self.evaluate, self.watch) = (count, evaluate, watch)
    }

    static func of(_ instance: UnsafeMutableRawPointer) -> Calls {
      Unmanaged.fromOpaque(instance).takeUnretainedValue()
    }

    func value(_ x: UnsafePointer<Double>, _ gradient: UnsafeMutablePointer<Double>, padded: Int) -> Double {
      for index in count..<padded { gradient[index] = 0 }
      return evaluate(
        UnsafeBufferPointer(start: x, count: count), UnsafeMutableBufferPointer(start: gradient, count: count))
    }

    func goesOn(after iteration: Int, _ value: Double, _ norm: Double) -> Bool {
      iterations = iteration
      return watch(iteration, value, norm)
    }
  }
}
