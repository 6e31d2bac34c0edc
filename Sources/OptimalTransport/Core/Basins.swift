/// A group of similar items, such as solutions that converged to the same local minimum.
package struct Basin<Item> {
  /// The item that founded the basin.
  package let first: Item
  /// The item that joined the basin last.
  package fileprivate(set) var last: Item
  /// The positions of all members in the list of items, in ascending order.
  package fileprivate(set) var members: [Int]
}

/// Groups items into basins, in order: each item joins the first basin that accepts it, or founds a new one.
///
/// - Parameters:
///   - items: the items.
///   - most: the number of basins at which grouping stops; the remaining items are ignored.
///   - belongs: whether an item belongs to an existing basin.
/// - Returns: the basins, in the order of their founders.
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
