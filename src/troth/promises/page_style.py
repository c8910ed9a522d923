"""How the page of a check looks: one style sheet, light and dark, for screen and paper.

Colours keep at least 4.5:1 against their ground (WCAG 2.2, 1.4.3) in both schemes; a test computes it. Status is
never told by colour alone: its word and its mark stand beside it.
"""

from __future__ import annotations

LIGHT = {
    "ground": "#f6f5f1",
    "sheet": "#ffffff",
    "ink": "#1d2430",
    "soft": "#566072",
    "line": "#dcdfe4",
    "broken": "#a1202f",
    "unproven": "#7d5200",
    "not-triggered": "#465a86",
    "kept": "#1b6842",
    "broken-wash": "#fcedee",
    "unproven-wash": "#fbf3e2",
    "not-triggered-wash": "#edf1f9",
    "kept-wash": "#e9f5ee",
}
DARK = {
    "ground": "#12161d",
    "sheet": "#1a2029",
    "ink": "#e8ebf0",
    "soft": "#a5afbf",
    "line": "#323b49",
    "broken": "#ff9aa2",
    "unproven": "#eec36f",
    "not-triggered": "#a9c0f0",
    "kept": "#84d7a8",
    "broken-wash": "#35191e",
    "unproven-wash": "#2e2614",
    "not-triggered-wash": "#1d2739",
    "kept-wash": "#162b20",
}
READ_ON = (
    ("ink", "ground"),
    ("ink", "sheet"),
    ("soft", "ground"),
    ("soft", "sheet"),
    *((name, ground) for name in ("broken", "unproven", "not-triggered", "kept") for ground in ("sheet",)),
    *((name, f"{name}-wash") for name in ("broken", "unproven", "not-triggered", "kept")),
    *(("ink", f"{name}-wash") for name in ("broken", "unproven", "not-triggered", "kept")),
)
"""Every pair of text and ground the page uses."""


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())


_RULES = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);
 font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:68rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:3rem}
footer{padding-bottom:3rem;color:var(--soft);font-size:.875rem}
h1,h2,h3{line-height:1.2;text-wrap:balance;margin:0}
h1{font:600 2.4rem/1.15 Georgia,"Times New Roman",serif;letter-spacing:-.01em;margin-top:.35rem}
h2{font:600 1.45rem/1.2 Georgia,"Times New Roman",serif;margin:3rem 0 .4rem}
h3{font-size:1.02rem;font-weight:650}
p{margin:.4rem 0}
.kicker{margin:0;color:var(--soft);font-size:.8rem;font-weight:650;letter-spacing:.09em;text-transform:uppercase}
.lead{font-size:1.15rem;max-width:46rem}
.soft{color:var(--soft)}
.mono,code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.84em}
code,.mono{overflow-wrap:anywhere}
.banner{margin:1.25rem 0 0;padding:.8rem 1.1rem;border:2px solid var(--unproven);border-radius:.5rem;
 background:var(--unproven-wash)}
.totals{display:grid;grid-template-columns:repeat(4,1fr);gap:.9rem;margin:1.8rem 0 .9rem;padding:0;list-style:none}
.totals li{background:var(--sheet);border:1px solid var(--line);border-top:4px solid var(--tone);
 border-radius:.6rem;padding:.85rem 1.1rem 1rem}
.totals strong{display:block;font:600 2.5rem/1.1 Georgia,"Times New Roman",serif;color:var(--tone);
 font-variant-numeric:tabular-nums}
.totals .word{font-weight:650}
.totals p{font-size:.86rem;color:var(--soft);line-height:1.4;margin:.15rem 0 0}
.bar{display:flex;gap:2px;height:.7rem;border-radius:.35rem;overflow:hidden;background:var(--line)}
.bar span{background:var(--tone)}
.broken{--tone:var(--broken);--wash:var(--broken-wash)}
.unproven{--tone:var(--unproven);--wash:var(--unproven-wash)}
.not-triggered{--tone:var(--not-triggered);--wash:var(--not-triggered-wash)}
.kept{--tone:var(--kept);--wash:var(--kept-wash)}
.status{display:inline-block;padding:.1rem .6rem .12rem .5rem;border-radius:1rem;background:var(--wash);
 color:var(--tone);border:1px solid currentColor;font-size:.8rem;font-weight:650;white-space:nowrap}
.card{background:var(--sheet);border:1px solid var(--line);border-left:5px solid var(--tone);border-radius:.6rem;
 padding:1.1rem 1.3rem 1.2rem;margin:.9rem 0;break-inside:avoid}
.card .top{display:flex;gap:1rem;justify-content:space-between;align-items:baseline;flex-wrap:wrap}
.card .number{font:600 1.45rem/1.2 Georgia,"Times New Roman",serif;color:var(--tone);margin:.35rem 0 .1rem;
 font-variant-numeric:tabular-nums}
.card ul{margin:.5rem 0 0;padding-left:1.1rem}
.meta{display:flex;flex-wrap:wrap;gap:.25rem 1.4rem;margin:.7rem 0 0;font-size:.85rem;color:var(--soft)}
.sheet{background:var(--sheet);border:1px solid var(--line);border-radius:.6rem;overflow-x:auto;margin:.9rem 0}
.sheet:focus-visible{outline:3px solid var(--not-triggered);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;padding:.8rem 1rem .2rem;font-weight:650;font-size:1rem}
th,td{text-align:left;vertical-align:top;padding:.6rem 1rem;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--soft);font-size:.76rem;letter-spacing:.05em;text-transform:uppercase}
tbody th{font-weight:600}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.day{white-space:nowrap;font-variant-numeric:tabular-nums}
.id{display:block;font-weight:400;color:var(--soft)}
.chips{margin:0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.3rem}
.chips li{border:1px solid var(--line);border-radius:.3rem;padding:0 .45rem;background:var(--ground)}
.group td:first-child{width:44%}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.2rem;margin:.8rem 0}
dt{font-weight:650}
dd{margin:0;overflow-wrap:anywhere}
@media (max-width:46rem){.totals{grid-template-columns:1fr 1fr}header{padding-top:1.8rem}h1{font-size:1.9rem}
 dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
@media print{body{background:#fff;font-size:10.5pt}main,header,footer{max-width:none;padding:0}
 .sheet{overflow:visible}h2{break-after:avoid;margin-top:1.6rem}tr{break-inside:avoid}thead{display:table-header-group}
 .totals{grid-template-columns:repeat(4,1fr)}
 *{-webkit-print-color-adjust:exact;print-color-adjust:exact}@page{margin:16mm}}
"""

STYLE = (
    f":root{{color-scheme:light dark;{_variables(LIGHT)}}}"
    f"@media screen and (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}"
    f"{_RULES}"
)
"""The whole style sheet."""
