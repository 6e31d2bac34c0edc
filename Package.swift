// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "otlab",
  platforms: [.macOS(.v13)],
  products: [
    .executable(name: "otlab", targets: ["otlab"]),
    .library(name: "OptimalTransport", targets: ["OptimalTransport", "LinearAlgebra"]),
    .library(name: "Alignment", targets: ["Alignment", "LinearAlgebra"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.2.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
    .target(name: "CHDF5Filters", dependencies: ["CHDF5"], linkerSettings: [.linkedLibrary("zstd")]),
    .target(name: "CGuard"),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png16")]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CClp", providers: [.apt(["coinor-libclp-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLBFGS", providers: [.apt(["liblbfgs-dev"])]),
    .systemLibrary(name: "CMarkdown", providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(name: "CKernels", linkerSettings: [.linkedLibrary("m")]),

    .target(name: "Support"),
    .target(name: "LinearAlgebra", dependencies: ["CKernels", "COpenBLAS", "CLBFGS"]),
    .target(name: "OptimalTransport", dependencies: ["LinearAlgebra", "CKernels"]),
    .target(
      name: "Learning",
      dependencies: ["Support", "LinearAlgebra", .product(name: "HeapModule", package: "swift-collections")]),
    .target(name: "Alignment", dependencies: ["Support", "LinearAlgebra", "OptimalTransport", "Learning", "CKernels"]),
    .target(name: "Processes"),
    .target(name: "Documents"),
    .target(name: "Files", dependencies: ["Documents", "CCrypto"]),
    .target(name: "YAML", dependencies: ["Documents", "Files", "Yams"]),
    .target(
      name: "Datasets",
      dependencies: [
        "LinearAlgebra", "Documents", "Files", "YAML", "Processes", "CGuard", "CHDF5", "CHDF5Filters", "CPNG", "CZlib",
      ]),
    .target(name: "Figures", dependencies: ["Support", "LinearAlgebra", "Processes"]),
    .target(name: "Manifests", dependencies: ["Documents", "Files", "YAML"]),
    .target(name: "Runs", dependencies: ["Support", "Manifests", "Documents", "Files", "Processes"]),
    .target(
      name: "Pipeline",
      dependencies: [
        "Support", "LinearAlgebra", "OptimalTransport", "Processes", "Documents", "Files", "Datasets", "Figures",
        "Manifests", "Runs",
      ]),
    .target(
      name: "Reports",
      dependencies: [
        "Support", "Pipeline", "Runs", "Manifests", "Documents", "Files", "Datasets", "Figures", "LinearAlgebra",
      ]),
    .target(
      name: "Site", dependencies: ["Reports", "Pipeline", "Runs", "Manifests", "Documents", "Files", "CMarkdown"]),
    .target(name: "Baselines", dependencies: ["LinearAlgebra", "OptimalTransport", "Learning", "CClp"]),
    .target(
      name: "Experiments",
      dependencies: [
        "Pipeline", "Baselines", "SolverCatalogue", "UserProblems", "Support", "LinearAlgebra", "OptimalTransport",
        "Learning", "Alignment",
        "Processes", "Documents", "Datasets", "Figures", "Runs",
      ], plugins: ["Register"]),
    .target(
      name: "SolverCatalogue",
      dependencies: ["Support", "LinearAlgebra", "OptimalTransport", "Learning", "Alignment", "Documents"],
      plugins: ["Register"]),
    .target(
      name: "UserProblems",
      dependencies: [
        "LinearAlgebra", "OptimalTransport", "Alignment", "Learning", "SolverCatalogue", "Documents", "YAML",
        "Datasets", "Figures",
      ]),
    .executableTarget(name: "registrar"),
    .plugin(name: "Register", capability: .buildTool(), dependencies: ["registrar"]),
    .executableTarget(
      name: "otlab",
      dependencies: [
        "SolverCatalogue", "UserProblems", "Experiments", "Baselines", "Pipeline", "Site", "Reports", "Runs",
        "Processes", "Manifests",
        "Documents", "Files", "Datasets", "Figures",
        "LinearAlgebra",
        "OptimalTransport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .target(
      name: "TestSupport", dependencies: ["LinearAlgebra", "Datasets", "Documents", "Manifests", "Runs"],
      path: "Tests/TestSupport"),
    .testTarget(name: "SupportTests", dependencies: ["Support"]),
    .testTarget(name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "CKernels"]),
    .testTarget(
      name: "OptimalTransportTests", dependencies: ["OptimalTransport", "LinearAlgebra", "Datasets", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "AlignmentTests",
      dependencies: ["Alignment", "OptimalTransport", "Learning", "LinearAlgebra", "Datasets", "TestSupport"]),
    .testTarget(name: "LearningTests", dependencies: ["Learning", "LinearAlgebra", "TestSupport"]),
    .testTarget(name: "DocumentsTests", dependencies: ["Documents", "YAML", "TestSupport"]),
    .testTarget(name: "FilesTests", dependencies: ["Files", "Documents", "TestSupport"]),
    .testTarget(name: "YAMLTests", dependencies: ["YAML", "Documents", "TestSupport"]),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Datasets", "Files", "LinearAlgebra", "TestSupport"],
      exclude: ["make_fixtures.py", "make_foreign_fixtures.py"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "FiguresTests", dependencies: ["Figures", "LinearAlgebra", "Datasets", "Processes", "TestSupport"]),
    .testTarget(name: "ManifestsTests", dependencies: ["Manifests", "Documents", "TestSupport"]),
    .testTarget(name: "RunsTests", dependencies: ["Runs", "Manifests", "Documents", "Files", "TestSupport"]),
    .testTarget(
      name: "ReportsTests", dependencies: ["Reports", "Runs", "Manifests", "Documents", "Figures", "TestSupport"]),
    .testTarget(name: "SiteTests", dependencies: ["Site", "Reports", "TestSupport"]),
    .testTarget(
      name: "BaselinesTests",
      dependencies: ["Baselines", "Alignment", "OptimalTransport", "Learning", "LinearAlgebra", "TestSupport"]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Experiments", "SolverCatalogue", "UserProblems", "Pipeline", "Baselines", "Alignment", "Manifests", "Runs",
        "Documents",
        "Files", "YAML", "Datasets",
        "Learning", "LinearAlgebra", "OptimalTransport", "TestSupport",
      ]),
    .testTarget(
      name: "UserProblemsTests",
      dependencies: [
        "UserProblems", "SolverCatalogue", "Experiments", "OptimalTransport", "LinearAlgebra", "Datasets", "Documents",
        "TestSupport",
      ],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "SoakTests",
      dependencies: [
        "otlab", "OptimalTransport", "Alignment", "LinearAlgebra", "Learning", "Datasets", "Documents", "Files",
        "Figures", "Manifests",
        "Runs",
        "Reports", "Pipeline", "Experiments", "SolverCatalogue", "UserProblems", "Processes", "TestSupport",
      ], resources: [.copy("Corpus")], plugins: ["Register"]),
    .testTarget(name: "HouseTests", dependencies: ["TestSupport"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "otlab", "TestSupport", "Experiments", "Pipeline", "Runs", "Manifests", "Datasets", "Documents", "Files",
        "YAML",
      ]),
  ]
)

// Continuous integration takes no warnings; whoever builds otlab with a younger compiler may.
if Context.environment["OTLAB_WARNINGS"] == "error" {
  for target in package.targets where [.regular, .executable, .test].contains(target.type) {
    target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
  }
}
