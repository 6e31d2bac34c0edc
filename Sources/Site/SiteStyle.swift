/// The only style sheet: readable on a phone, light or dark by the reader's setting, without scripts or external
/// fonts.
let siteStyle = """
  :root { --page: #fbfaf7; --card: #ffffff; --ink: #1d2126; --soft: #5d6670; --line: #dcdad3; --link: #0b5a8f; --good: \
  #1c6b3a; --bad: #a3261d; --open: #6b5b1a; }
  @media (prefers-color-scheme: dark) {
    :root { --page: #15181b; --card: #1d2226; --ink: #e6e4df; --soft: #a3abb3; --line: #363d43; --link: #7fc0ee; \
    --good: #7fd19a; --bad: #ff9a90; --open: #e0cd7a; }
  }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", \
  "DejaVu Sans", sans-serif; }
  main { max-width: 86rem; margin: 0 auto; padding: 1rem 1.1rem 4rem; }
  h1 { font-size: 1.7rem; line-height: 1.25; margin: .4rem 0; }
  h2 { font-size: 1.25rem; margin: 2.2rem 0 .7rem; border-bottom: 1px solid var(--line); padding-bottom: .2rem; }
  h3 { font-size: 1.02rem; margin: 1.4rem 0 .5rem; }
  a { color: var(--link); }
  .source, .note, figcaption { color: var(--soft); font-size: .92rem; }
  .readme { max-width: 52rem; overflow-wrap: break-word; }
  .badge { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .65rem; font-size: \
  .85rem; white-space: nowrap; }
  .badge.good { color: var(--good); } .badge.bad { color: var(--bad); } .badge.open { color: var(--open); }
  .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1rem; padding: \
  0; list-style: none; }
  .card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; display: \
  flex; flex-direction: column; }
  .card .shot { height: 12rem; background: #fff; display: flex; align-items: center; justify-content: center; color: \
  #5d6670; }
  .card .shot img { width: 100%; height: 100%; object-fit: contain; }
  .card div.words { padding: .7rem .9rem .9rem; }
  .card h2 { border: 0; margin: 0 0 .3rem; padding: 0; font-size: 1.05rem; }
  .card p { margin: .3rem 0; }
  .wide { overflow-x: auto; margin: .5rem 0 1rem; }
  table { border-collapse: collapse; font-size: .88rem; background: var(--card); }
  th, td { border: 1px solid var(--line); padding: .2rem .45rem; text-align: left; vertical-align: top; }
  th[align=right], td[align=right] { text-align: right; font-variant-numeric: tabular-nums; }
  th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
  .facts td { overflow-wrap: anywhere; min-width: 12rem; }
  figure { margin: 1rem 0; }
  figure img { max-width: 100%; height: auto; background: #fff; border: 1px solid var(--line); border-radius: .4rem; }
  pre { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .7rem .9rem; \
  overflow-x: auto; }
  code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .9em; }
  details { margin: .7rem 0; } summary { cursor: pointer; color: var(--link); }
  @media (max-width: 40rem) { body { font-size: 15px; } h1 { font-size: 1.35rem; } th, td { padding: .2rem .4rem; } }

  """
