// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v13)],
  dependencies: [.package(name: "otlab", path: "..")],
  targets: [
    .executableTarget(name: "otlab-bench", dependencies: [.product(name: "OptimalTransport", package: "otlab")])
  ]
)
