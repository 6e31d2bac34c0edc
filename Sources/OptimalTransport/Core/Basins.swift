/// Items that are alike, as answers that ended in one basin.
package struct Basin<Item> {
  /// The item that began it.
  package let first: Item
  /// The item that came to it last.
  package fileprivate(set) var last: Item
  /// All of its items, by their places in the list, which rise.
  package fileprivate(set) var members: [Int]
}

/// Sorts items into basins, in their order: each comes to the first basin that it belongs to, or begins another.
///
/// - Parameters:
///   - most: the number of basins at which the work ends, whatever items are left; they are not looked at.
///   - belongs: whether an item is one of a basin's.
package func basins<Item>(
  of items: some Sequence<Item>, most: Int = .max, belongs: (_ item: Item, _ basin: Basin<Item>) -> Bool
) -> [Basin<Item>] {
  var basins: [Basin<Item>] = []
  var iterator = items.makeIterator()
  var place = 0
  while basins.count < most, let item = iterator.next() {
    if let known = basins.firstIndex(where: { belongs(item, $0) }) {
      basins[known].last = item
      basins[known].members.append(place)
    } else {
      basins.append(Basin(first: item, last: item, members: [place]))
    }
    place += 1
  }
  return basins
}
