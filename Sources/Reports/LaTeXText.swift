import Foundation

/// Converts texts to ASCII LaTeX that needs only base packages and works with any engine.
enum LaTeXText {
  /// A character that LaTeX's base packages cannot print.
  struct Unknown: Error {
    let character: Character
  }

  static func of(_ text: String) throws(Unknown) -> String {
    var result = ""
    for character in text {
      guard let form = known[character] ?? plain(character) ?? accented(character) else {
        throw Unknown(character: character)
      }
      // Two hyphens would join to a dash.
      result += form == "-" && result.last == "-" ? "{}-" : form
    }
    return result
  }

  private static func plain(_ character: Character) -> String? {
    character.unicodeScalars.allSatisfy { (32..<127).contains($0.value) } ? String(character) : nil
  }

  /// Returns a Latin letter with one accent as a LaTeX command.
  private static func accented(_ character: Character) -> String? {
    let parts = Array(String(character).decomposedStringWithCanonicalMapping.unicodeScalars)
    guard parts.count == 2, parts[0].isASCII, parts[0].properties.isAlphabetic, let accent = accents[parts[1]] else {
      return nil
    }
    // The letters i and j lose their dots under an accent.
    let isBelow = ["c", "d", "b"].contains(accent)
    let letter = !isBelow && ["i", "j"].contains(parts[0]) ? "\\\(parts[0])" : "\(parts[0])"
    return "\\\(accent){\(letter)}"
  }

  private static let accents: [Unicode.Scalar: String] = [
    "\u{300}": "`", "\u{301}": "'", "\u{302}": "^", "\u{303}": "~", "\u{304}": "=", "\u{306}": "u", "\u{307}": ".",
    "\u{308}": "\"",
    "\u{30A}": "r", "\u{30B}": "H", "\u{30C}": "v", "\u{323}": "d", "\u{327}": "c", "\u{331}": "b",
  ]

  private static let known: [Character: String] = {
    var forms = words
    for (character, command) in symbols { forms[character] = "$\(command)$" }
    for (index, character) in "⁰¹²³⁴⁵⁶⁷⁸⁹".enumerated() { forms[character] = "$^\(index)$" }
    for (index, character) in "₀₁₂₃₄₅₆₇₈₉".enumerated() { forms[character] = "$_\(index)$" }
    // Greek capitals that look like Latin letters have no command.
    for (greek, latin) in zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo") { forms[greek] = "$\\mathrm{\(latin)}$" }
    return forms
  }()

  private static let words: [Character: String] = [
    "\\": "\\textbackslash{}", "&": "\\&", "%": "\\%", "$": "\\$", "#": "\\#", "_": "\\_", "{": "\\{", "}": "\\}",
    "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "`": "\\textasciigrave{}", "–": "--", "—": "---",
    "…": "\\ldots{}",
    "\n": " ", "\r\n": " ", "\r": " ", "\t": " ", "\u{A0}": "~", "\u{2009}": "\\,", "\u{202F}": "\\,", "‑": "-",
    "‐": "-",
    "ß": "\\ss{}", "æ": "\\ae{}", "Æ": "\\AE{}", "œ": "\\oe{}", "Œ": "\\OE{}", "ø": "\\o{}", "Ø": "\\O{}", "ł": "\\l{}",
    "Ł": "\\L{}",
    "ı": "\\i{}", "ȷ": "\\j{}", "¿": "?`", "¡": "!`", "‘": "`", "’": "'", "“": "``", "”": "''", "„": ",,", "§": "\\S{}",
    "¶": "\\P{}",
    "©": "\\copyright{}", "£": "\\pounds{}", "½": "$\\frac12$", "¼": "$\\frac14$", "¾": "$\\frac34$", "⅓": "$\\frac13$",
    "⅔": "$\\frac23$",
    "°": "$^\\circ$", "†": "$^\\dagger$", "‡": "$^\\ddagger$", "′": "$'$", "″": "$''$", "⁺": "$^+$", "⁻": "$^-$",
    "ⁿ": "$^n$", "−": "$-$",
    "|": "$|$", "<": "$<$", ">": "$>$", "‖": "$\\|$",
  ]

  private static let symbols: [Character: String] = [
    "α": "\\alpha", "β": "\\beta", "γ": "\\gamma", "δ": "\\delta", "ε": "\\varepsilon", "ϵ": "\\epsilon", "ζ": "\\zeta",
    "η": "\\eta",
    "θ": "\\theta", "ϑ": "\\vartheta", "ι": "\\iota", "κ": "\\kappa", "λ": "\\lambda", "μ": "\\mu", "µ": "\\mu",
    "ν": "\\nu", "ξ": "\\xi",
    "π": "\\pi", "ρ": "\\rho", "ϱ": "\\varrho", "σ": "\\sigma", "ς": "\\varsigma", "τ": "\\tau", "υ": "\\upsilon",
    "φ": "\\varphi",
    "ϕ": "\\phi", "χ": "\\chi", "ψ": "\\psi", "ω": "\\omega", "Γ": "\\Gamma", "Δ": "\\Delta", "∆": "\\Delta",
    "Θ": "\\Theta",
    "Λ": "\\Lambda", "Ξ": "\\Xi", "Π": "\\Pi", "Σ": "\\Sigma", "Υ": "\\Upsilon", "Φ": "\\Phi", "Ψ": "\\Psi",
    "Ω": "\\Omega", "ℓ": "\\ell",
    "√": "\\surd", "·": "\\cdot", "×": "\\times", "÷": "\\div", "±": "\\pm", "∓": "\\mp", "≤": "\\le", "≥": "\\ge",
    "≪": "\\ll",
    "≫": "\\gg",
    "«": "\\ll", "»": "\\gg", "≠": "\\ne", "≈": "\\approx", "≡": "\\equiv", "∼": "\\sim", "≃": "\\simeq", "≅": "\\cong",
    "∝": "\\propto",
    "∞": "\\infty", "→": "\\rightarrow", "←": "\\leftarrow", "↔": "\\leftrightarrow", "↑": "\\uparrow",
    "↓": "\\downarrow",
    "⇒": "\\Rightarrow", "⇐": "\\Leftarrow", "⇔": "\\Leftrightarrow", "↦": "\\mapsto", "∈": "\\in", "∉": "\\notin",
    "∋": "\\ni",
    "⊂": "\\subset", "⊆": "\\subseteq", "⊃": "\\supset", "⊇": "\\supseteq", "∪": "\\cup", "∩": "\\cap",
    "∅": "\\emptyset", "∀": "\\forall",
    "∃": "\\exists", "¬": "\\neg", "∧": "\\wedge", "∨": "\\vee", "∂": "\\partial", "∇": "\\nabla", "∑": "\\sum",
    "∏": "\\prod",
    "∫": "\\int", "⊗": "\\otimes", "⊕": "\\oplus", "⊙": "\\odot", "∘": "\\circ", "•": "\\bullet", "∗": "\\ast",
    "⟨": "\\langle",
    "⟩": "\\rangle", "∥": "\\parallel", "⊥": "\\perp", "⌊": "\\lfloor", "⌋": "\\rfloor", "⌈": "\\lceil", "⌉": "\\rceil",
    "∣": "\\mid",
  ]
}
