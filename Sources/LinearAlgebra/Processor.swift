import CKernels
import COpenBLAS
import Glibc

/// Which CPU-specific code paths this package and OpenBLAS use on this machine.
public enum Processor {
  /// The instruction set of the kernels in CKernels that this CPU runs.
  public static var simdPath: String { String(cString: ck_simd_path()) }

  /// The name and version of the BLAS library and the CPU kernels that it selected.
  public static var blasDescription: String {
    let config = openblas_get_config().map { String(cString: $0) } ?? "OpenBLAS"
    return config.split(separator: " ").prefix(2).joined(separator: " ") + " (\(blasKernel))"
  }

  private static var blasKernel: String { openblas_get_corename().map { String(cString: $0) } ?? "unknown" }

  /// The value of `OPENBLAS_CORETYPE` that would give OpenBLAS faster kernels; nil if its own choice is good.
  ///
  /// OpenBLAS reads this environment variable when a program is loaded. On a CPU newer than itself it falls back to
  /// kernels without AVX, which are six times slower. The value is nil, too, if the variable is set already.
  public static var missedBLASKernel: String? {
    guard blasKernel == "Prescott", getenv("OPENBLAS_CORETYPE").map({ $0.pointee == 0 }) ?? true else { return nil }
    return ["x86-64-v4": "SkylakeX", "x86-64-v3": "Haswell"][simdPath]
  }
}
