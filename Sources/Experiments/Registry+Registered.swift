import Pipeline

extension Registry {
  /// All kinds of this package.
  ///
  /// The build writes the list `registeredKinds` from the folders beside this file.
  public static let registered = Registry(registeredKinds)
}
