import Pipeline

extension Registry {
  /// All kinds of this package. The list itself, `registeredKinds`, is written by the build from the folders beside this file.
  public static let registered = Registry(registeredKinds)
}
