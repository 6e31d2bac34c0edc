import CKernels
import COpenBLAS
import Glibc

/// What this machine's processor gets of our own kernels and of OpenBLAS's.
public enum Processor {
  /// The instruction set of our own kernels that this CPU gets.
  public static var simdPath: String { String(cString: ck_simd_path()) }

  /// The BLAS library's name, version and the CPU kernels it picked.
  public static var blasDescription: String {
    let config = openblas_get_config().map { String(cString: $0) } ?? "OpenBLAS"
    return config.split(separator: " ").prefix(2).joined(separator: " ") + " (\(blasKernel))"
  }

  private static var blasKernel: String { openblas_get_corename().map { String(cString: $0) } ?? "unknown" }

  /// The CPU kernels that OpenBLAS should be asked for by the variable OPENBLAS_CORETYPE, which it reads when a program is loaded; nil where it has
  /// chosen well or was asked already. On a CPU younger than itself it falls back to kernels without AVX, a sixth as fast.
  public static var missedBLASKernel: String? {
    guard blasKernel == "Prescott", getenv("OPENBLAS_CORETYPE").map({ $0.pointee == 0 }) ?? true else { return nil }
    return ["x86-64-v4": "SkylakeX", "x86-64-v3": "Haswell"][simdPath]
  }
}
