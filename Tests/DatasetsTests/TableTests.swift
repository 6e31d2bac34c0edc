import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Datasets

/// Tables in text with what programs write around the numbers; nothing of it is left out, or taken for numbers, in
/// silence.
@Suite struct TableTests {
  private let folder = TemporaryFolder()

  private func read(_ text: String) throws -> (array: NumericArray, notes: [String]) {
    let notes = Notes()
    return (
      try NumericArray.read(folder.write(text, to: "t.csv"), notes: notes),
      notes.all.map { String($0.dropFirst(folder.path.count + 8)) }
    )
  }

  private static func lines(_ rows: [[String]]) -> String { rows.map { $0.joined(separator: ",") + "\n" }.joined() }

  private static let values = (0..<10).map { i in (0..<3).map { j in "\(Double(3 * i + j) - 4.5)" } }
  private static let expected = NumericArray(shape: [10, 3], elements: (0..<30).map { Double($0) - 4.5 })

  /// As pandas writes a table, with or without its index and names of columns.
  @Test(
    "csv_pandas",
    arguments: [
      (["0", "1", "2"], false, "0, 1, 2"), (["x", "y", "z"], true, "x, y, z"), (["0", "1", "2"], true, "0, 1, 2"),
      (["x", "y", "z"], false, "x, y, z"),
    ])
  func pandas(header: [String], index: Bool, named: String) throws {
    let rows = Self.values.enumerated().map { index ? ["\($0)"] + $1 : $1 }
    let (array, notes) = try read(Self.lines([index ? [""] + header : header] + rows))
    #expect(array == Self.expected)
    #expect(
      notes == ["line 1 was taken as a header (\(named))"]
        + (index ? ["the first column counts the rows and was left out"] : []))
  }

  @Test func rowsAreNamedByTexts() throws {
    for (first, count) in [
      (["cell", "x", "y", "z"], 1), (["", "0", "1", "2"], 1), (["barcode", "0", "1", "2"], 1), ([], 0),
    ] {
      let rows = Self.values.enumerated().map { ["AAAC-\($0)"] + $1 }
      let (array, notes) = try read(Self.lines((first.isEmpty ? [] : [first]) + rows))
      #expect(array == Self.expected, "\(first)")
      #expect(notes.count == count + 1 && notes.last == "the first column names the rows and was left out", "\(notes)")
    }
  }

  /// A table that was read and written again has two; one column of many may have a name.
  @Test func indexesOfIndexes() throws {
    let rows = Self.values.enumerated().map { ["\($0)"] + $1 }
    let twice = try read(Self.lines([["", "Unnamed: 0", "x", "y", "z"]] + rows.enumerated().map { ["\($0)"] + $1 }))
    #expect(
      twice.array == Self.expected && twice.notes.last == "the index of 2 columns counts the rows and was left out")
    let named = try read(Self.lines([["index", "0", "1", "2"]] + rows))
    #expect(named.array == Self.expected && named.notes.count == 2)
    #expect(try read(Self.lines([["0", "1", "label"]] + Self.values)).array == Self.expected)
  }

  /// As R writes tables: names in quotes, none for the column of names.
  @Test func namesInQuotes() throws {
    #expect(
      try read("\"\",\"V1\",\"V2\"\n\"1\",0.5,3\n\"2\",1.5,4\n").array
        == NumericArray(shape: [2, 2], elements: [0.5, 3, 1.5, 4]))
    let table = try read("\"V1\" \"V2\"\n\"1\" 0.5 3\n\"2\" 1.5 4\n")
    #expect(table.array == NumericArray(shape: [2, 2], elements: [0.5, 3, 1.5, 4]) && table.notes.count == 2)
    #expect(try read("\"a, b\",c\n1,2\n").array == NumericArray(shape: [1, 2], elements: [1, 2]))
  }

  @Test(arguments: [
    // Distances along a line, points with an index that has a name, edges, and a table that counts on: numbers.
    ("0,1,2\n1,0,1\n2,1,0\n", [3, 3], 1), ("id,x\n0,5.5\n1,6.5\n2,7.5\n", [3, 2], 2), ("0,1\n1,2\n2,3\n", [3, 2], 2),
    ("0,1,2\n3,4,5\n", [2, 3], 1), ("0\n1\n0\n", [3], 1), ("0\n0.5\n0.5\n", [3], 1), ("0.0,1.0\n0.5,0.5\n", [2, 2], 0),
    ("1,2.5\n3,4.5\n", [2, 2], 0), ("0,1.5\n1,2.5\n2,3.5\n", [3, 2], 1),
    // Counts under a header of numbers.
    ("0,1,2\n5,5,5\n1,0,0\n9,9,9\n2,2,2\n", [4, 3], 1),
    // A series of pandas, whose name is 0; whole numbers over others, which may be the first row.
    ("0\n3\n1\n2\n", [4], 1), ("7,3\n0.5,1.5\n", [2, 2], 1), ("5\n0.5\n0.25\n", [3], 1),
    ("2000,2001\n1,2.5\n3,4.5\n", [3, 2], 1),
  ])
  func whatMayBeNumbersIsNoted(text: String, shape: [Int], notes: Int) throws {
    let found = try read(text)
    #expect(found.array.shape == shape && found.notes.count == notes, "\(found.notes)")
  }

  @Test(arguments: [
    ("NA,NA\n1,2\n", "holds 'NA' in line 1, column 1"), ("nan,NA\n1,2\n", "holds 'NA' in line 1, column 2"),
    ("1,2\n,4\n", "holds '' in line 2, column 1"), (",5,6\n3,4,5\n9,1,2\n", "holds '' in line 1, column 1"),
    (",1.5,2.5\n3.5,4.5,5.5\n", "holds '' in line 1, column 1"),
    ("0x1F,1\n2,3\n", "holds '0x1F' in line 1, column 1"), ("x,y\n1,0x1p3\n", "holds '0x1p3' in line 2, column 2"),
    ("0x1F\n1\n", "holds '0x1F' in line 1, column 1"), ("0x1F,1\n0x2A,2\n", "holds '0x2A' in line 2, column 1"),
    ("1,5;2,5\n3,5;4,5\n", "holds '3,5' in line 2, column 1, but a number was expected (with a point, not a comma)"),
    ("0,5\n-0,25\n1,75\n", "holds '-0,25', which looks like a decimal comma"),
    ("0,05\n1,25\n", "holds '0,05', which looks like a decimal comma"),
    ("0,8444218515250481\n1,25\n", "looks like a decimal comma"),
    ("x\n0,5\n1,5\n", "numbers are written with a point, not with a comma"),
    ("x;y\n0,5;1\n", "holds '0,5' in line 2, column 1"), ("0,5 1,5\n2,5 3,5\n", "holds '5 3' in line 2, column 2"),
    ("a,b\nAAAC,0.5\n1,0.7\n", "holds 'AAAC' in line 2, column 1"),
  ])
  func whatIsNoNumberIsRefused(text: String, sentence: String) {
    let error = #expect(throws: DataError.self) { try read(text) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  /// Columns that are called by whole numbers, as years are: a header over numbers with points, and beside an index in
  /// any case.
  @Test(arguments: [["1", "2", "3"], ["2000", "2001", "2002"], ["1990", "2000", "2010"]]) func columnsAreNumbered(
    header: [String]
  ) throws {
    let bare = try read(Self.lines([header] + Self.values))
    let named = header.joined(separator: ", ")
    #expect(bare.array == Self.expected && bare.notes == ["line 1 was taken as a header (\(named))"])
    for index in ["", "index"] {
      let rows = Self.values.enumerated().map { ["\($0)"] + $1 }
      let (array, notes) = try read(Self.lines([[index] + header] + rows))
      #expect(array == Self.expected && notes.last == "the first column counts the rows and was left out", "\(notes)")
    }
    let rows = Self.values.enumerated().map { ["AAAC-\($0)"] + $1 }
    #expect(try read(Self.lines([["cell"] + header] + rows)).array == Self.expected)
    let whole = try read("," + header.joined(separator: ",") + "\n0,5,5,5\n1,6,6,6\n")
    #expect(whole.array == NumericArray(shape: [2, 3], elements: [5, 5, 5, 6, 6, 6]) && whole.notes.count == 2)
  }

  /// Where groups of three digits begin with zeros, commas separate thousands; where none does, it is said that they
  /// may.
  @Test func thousandsAreRefused() throws {
    for (text, proof) in [
      ("1,234.5\n2,000.5\n", "2,000.5"), ("-1,234,567\n2,045,000\n", "2,045,000"), ("1,234\n12,000\n", "12,000"),
    ] {
      let error = #expect(throws: DataError.self) { try read(text) }
      #expect(
        error?.problem == "holds '\(proof)', which looks like a number with thousands separators; none were expected")
    }
    let (array, notes) = try read("1,234.5\n2,345.5\n")
    #expect(array == NumericArray(shape: [2, 2], elements: [1, 234.5, 2, 345.5]))
    #expect(notes.first?.contains("if the commas separate thousands, remove them") == true, "\(notes)")
    // Groups of other lengths are none.
    #expect(try read("1,234.5\n2,0.5\n").array.shape == [2, 2])
  }

  /// What may be two columns or one with decimal commas is said to be read as two.
  @Test func whatMayBeDecimalCommasIsNoted() throws {
    let (array, notes) = try read("3,5\n4,25\n7,75\n")
    #expect(
      array.shape == [3, 2] && notes.count == 1
        && notes[0].contains("if these are decimal commas, write decimal points"))
  }
}

@Suite struct GzipTests {
  private let folder = TemporaryFolder()

  /// The bytes that gzip makes of a text.
  private func packed(_ text: String) throws -> [UInt8] {
    let path = folder.write(text, to: "plain.csv")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = ["-nkf", path]
    try process.run()
    process.waitUntilExit()
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + ".gz")))
  }

  private func read(_ bytes: [UInt8]) throws -> (array: NumericArray, notes: [String]) {
    let notes = Notes()
    return (try NumericArray.read(folder.write(bytes, to: "x.csv.gz"), notes: notes), notes.all)
  }

  private static let first = String(repeating: "1,2.5\n", count: 5)
  private static let second = String(repeating: "3,4.5\n", count: 5)
  private static let both = NumericArray(
    shape: [10, 2], elements: (0..<20).map { [$0 < 10 ? 1 : 3, $0 < 10 ? 2.5 : 4.5][$0 % 2] })

  @Test("gzip_members") func allMembersAreRead() throws {
    let (first, second) = (try packed(Self.first), try packed(Self.second))
    #expect(try read(first + second).array == Self.both)
    // An empty member ends files of bgzip; a member may end in the middle of a line.
    #expect(try read(first + packed("") + second + packed("")).array == Self.both)
    let whole = Self.first + Self.second
    #expect(try read(packed(String(whole.prefix(27))) + packed(String(whole.dropFirst(27)))).array == Self.both)
  }

  /// zlib counts bytes in 32 bits; larger files go to it in pieces, of any size.
  @Test(arguments: [1, 5, 64, 1 << 20]) func piecesMakeTheWhole(piece: Int) throws {
    let bytes = try packed(Self.first) + packed(Self.second)
    let content = Array((Self.first + Self.second).utf8)
    #expect(try Inflation(piece: piece).gzip(bytes, path: "x", notes: Notes()) == content)
    // The limit is of all members together.
    #expect(try Inflation(limit: content.count, piece: piece).gzip(bytes, path: "x", notes: Notes()) == content)
    let error = #expect(throws: DataError.self) {
      try Inflation(limit: content.count - 1, piece: piece).gzip(bytes, path: "x", notes: Notes())
    }
    #expect(error?.problem.contains("decompresses to more than \(content.count - 1) bytes") == true)
  }

  @Test func whatFollowsIsLeftOutAsByGzip() throws {
    let members = try packed(Self.first) + packed(Self.second)
    let padded = try read(members + [UInt8](repeating: 0, count: 512))
    #expect(padded.array == Self.both && padded.notes.isEmpty)
    let followed = try read(members + Array("rubbish".utf8))
    #expect(
      followed.array == Self.both && followed.notes.count == 1
        && followed.notes[0].contains("the 7 bytes after its compressed data"))
    #expect(throws: DataError.self) { try read(Array(members.dropLast(9))) }
    var damaged = members
    damaged[damaged.count - 6] ^= 1
    #expect(throws: DataError.self) { try read(damaged) }
  }
}

@Suite struct NPYTypeTests {
  private let folder = TemporaryFolder()

  private func read(_ name: String) throws -> NumericArray { try NumericArray.read(fixture(name)) }

  /// A file with a header of this type and these numbers' bytes.
  private func written(_ type: String, _ shape: String, _ bytes: [UInt8]) -> String {
    let header = "{'descr': \(type), 'fortran_order': False, 'shape': \(shape), }\n"
    let head: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
    return folder.write(head + bytes, to: "x.npy")
  }

  @Test func recordsAreSaidToHaveFields() {
    let error = #expect(throws: DataError.self) {
      try NumericArray.read(written("[('x', '<f8'), ('y z', '<i4', (2,))]", "(0,)", []))
    }
    #expect(error?.problem == "holds records with the fields 'x', 'y z', but numbers without names were expected")
  }

  /// As when two arrays were saved into one file.
  @Test func whatFollowsTheNumbersIsNoted() throws {
    let notes = Notes()
    #expect(try NumericArray.read(written("'|u1'", "(2,)", [5, 6, 7, 8, 9]), notes: notes) == NumericArray([5, 6]))
    #expect(
      notes.all.count == 1 && notes.all[0].hasSuffix("x.npy: the 3 bytes after its numbers were ignored"),
      "\(notes.all)")
    let exact = Notes()
    #expect(
      try NumericArray.read(written("'|u1'", "(2,)", [5, 6]), notes: exact) == NumericArray([5, 6]) && exact.all.isEmpty
    )
  }

  @Test func aNaNIsPrintedAsOne() throws {
    let bytes: [UInt8] = [0xff, 0xff, 0xff, 0x7f, 0, 0, 0xc0, 0xff]
    #expect("\(try NumericArray.read(written("'<f4'", "(2,)", bytes)).elements)" == "[nan, nan]")
  }

  @Test func halvesAndLongDoubles() throws {
    let half = try read("half.npy").elements
    #expect(
      Array(half[..<7]) == [0, -0.0, 1, -2.5, 65504, 0x1p-24, .infinity] && half[7].isNaN && half[1].sign == .minus)
    #expect(try read("half-big.npy") == ramp(4, 5))
    let long = try read("long.npy").elements
    #expect(Array(long[..<6]) == [0, 1, -2.5, 1e300, Double("1e-310"), .infinity] && long[6].isNaN)
    #expect(try read("long-big.npy") == ramp(4, 5))
    #expect(try read("long-third.npy").elements == [1.0 / 3, .infinity])
    let error = #expect(throws: DataError.self) { try read("quadruple.npy") }
    #expect(error?.problem.contains("long doubles from another kind of machine") == true)
  }
}
