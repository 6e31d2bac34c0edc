import LinearAlgebra

/// Texts as accidents and enemies write them: what has a meaning to shells, gnuplot, LaTeX, HTML, Markdown,
/// spreadsheets and terminals.
struct OddText {
  private var random: SeededGenerator

  init(seed: Int) { random = SeededGenerator(seed: UInt64(seed), stream: "texts") }

  /// The next text; `canary` is a file that a text may try to make.
  mutating func next(canary: String) -> String {
    let attacks = [
      "`touch \(canary)`", "$(touch \(canary))", "\"; system('touch \(canary)'); \"", "'; !touch \(canary)\n",
      "\n!touch \(canary)\n",
      "\\`touch \(canary)\\`", "\"`touch \(canary)`\"", "@x", "@{touch}", "{/Symbol a}", "^{x_{y}}", "%d", "%s%n",
      "100%", "~a{.8-}",
      "&{space}",
      "\\U+1F600", "\\n", "\\", "\\\\", "\"", "'", "''", "#", "# x", "\r\n", "\r", "\n", "\t", "\0", "\u{1B}[31m",
      "\u{7}", "\u{7F}",
      "\u{9B}31m", "\u{85}", "\u{2028}", "\u{202E}", "\u{FFFE}", "é", "e\u{301}", "ß", "Ω", "量", "👩‍🔬", "💥", "λ=1e-3",
      "[1, 2]", "*", "[",
      "]", "{", "}", "_", "^", "&", "$", "~", "<script>", "</p>", "javascript:x", "=1+1", "+1", "-1", "|", ",", ";",
      " ", "  ", "a", "word",
      "\\input{x}", "\\write18{x}", "%%", "--", "…", "x_1", "−", "title", "a\\", "\"a", "\\x41", "\\101",
      "\\140touch \(canary)\\140",
    ]
    var text = ""
    for _ in 0...random.integer(below: 8) {
      text += random.integer(below: 5) == 0 ? character() : attacks[random.integer(below: attacks.count)]
    }
    return text
  }

  private mutating func character() -> String {
    let planes = [0x80, 0x800, 0x10000, 0x11_0000]
    return Unicode.Scalar(UInt32(random.integer(below: planes[random.integer(below: planes.count)]))).map { String($0) }
      ?? "x"
  }
}
