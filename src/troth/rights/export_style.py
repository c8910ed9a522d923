"""How the page of an export looks: one style sheet, light and dark, for screen and paper.

Colours keep at least 4.5:1 against their ground (WCAG 2.2, 1.4.3) in both schemes; a test computes it.
"""

from __future__ import annotations

LIGHT = {
    "ground": "#f6f5f1",
    "sheet": "#ffffff",
    "ink": "#1d2430",
    "soft": "#566072",
    "line": "#dcdfe4",
    "link": "#1b4f9c",
    "note": "#7d5200",
    "wash": "#fbf3e2",
    "mark": "#eceff3",
}
DARK = {
    "ground": "#12161d",
    "sheet": "#1a2029",
    "ink": "#e8ebf0",
    "soft": "#a5afbf",
    "line": "#323b49",
    "link": "#9cc2ff",
    "note": "#eec36f",
    "wash": "#2e2614",
    "mark": "#2a323f",
}
READ_ON = (
    ("ink", "ground"),
    ("ink", "sheet"),
    ("ink", "wash"),
    ("ink", "mark"),
    ("soft", "ground"),
    ("soft", "sheet"),
    ("soft", "mark"),
    ("link", "ground"),
    ("link", "sheet"),
    ("note", "wash"),
)
"""Every pair of text and ground the page uses."""


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())


_RULES = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--ground);color:var(--ink);
 font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:72rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:3rem}
footer{padding-top:1rem;padding-bottom:3rem;color:var(--soft);font-size:.875rem}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,.rows:focus-visible{outline:3px solid var(--link);outline-offset:2px}
h1,h2,h3{line-height:1.2;text-wrap:balance;margin:0}
h1{font:600 2.4rem/1.15 Georgia,"Times New Roman",serif;letter-spacing:-.01em;margin-top:.35rem}
h2{font:600 1.45rem/1.2 Georgia,"Times New Roman",serif}
h3{font-size:1.02rem;font-weight:650}
p{margin:.5rem 0;max-width:46rem}
ul{margin:.5rem 0;padding-left:1.2rem}
.kicker{margin:0;color:var(--soft);font-size:.8rem;font-weight:650;letter-spacing:.09em;text-transform:uppercase}
.lead{font-size:1.15rem}
.soft{color:var(--soft)}
code{font:.86em ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
.banner{margin:1.25rem 0 0;padding:.8rem 1.1rem;border:2px solid var(--note);border-radius:.5rem;
 background:var(--wash);max-width:46rem}
nav{margin:1.8rem 0;background:var(--sheet);border:1px solid var(--line);border-radius:.6rem;
 padding:1rem 1.3rem 1.1rem}
nav ol{list-style:none;margin:.6rem 0 0;padding:0;display:grid;
 grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:.15rem 1.8rem}
nav li{display:flex;justify-content:space-between;gap:1rem;border-bottom:1px solid var(--line);padding:.3rem 0}
nav .count{color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}
section{margin:2.6rem 0 0}
section .place{color:var(--soft);margin:.15rem 0 .6rem}
.facts{margin:.6rem 0 .9rem;padding:0;list-style:none;max-width:56rem}
.facts li{padding:.32rem 0 .32rem .9rem;border-left:3px solid var(--line)}
.facts li+li{margin-top:.35rem}
.facts .not{border-left-color:var(--note)}
.rows{background:var(--sheet);border:1px solid var(--line);border-radius:.6rem;overflow-x:auto;margin:.7rem 0}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .9rem;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--soft);background:var(--mark);font-size:.8rem;font-weight:650;white-space:nowrap}
tbody th{font-weight:600;width:14rem;color:var(--soft)}
tbody tr:first-child>*{border-top:0}
td{overflow-wrap:break-word;min-width:5rem;max-width:30rem;white-space:pre-wrap;font-variant-numeric:tabular-nums}
.one td{max-width:none;overflow-wrap:anywhere}
.date{white-space:nowrap}
.none{color:var(--soft)}
.gone{background:var(--mark);color:var(--soft);border-radius:.25rem;padding:0 .3rem;font-style:italic}
@media (max-width:46rem){header{padding-top:1.8rem}main,header,footer{padding-left:1rem;padding-right:1rem}
 h1{font-size:1.9rem}nav ol{grid-template-columns:1fr}tbody th{width:9rem}th,td{padding:.45rem .6rem}}
@media print{body{background:#fff;font-size:10pt}main,header,footer{max-width:none;padding:0}.rows{overflow:visible}
 section{margin-top:1.4rem}h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}
 table{font-size:8pt}td{min-width:0;overflow-wrap:anywhere}th,td{padding:.25rem .4rem}nav{break-inside:avoid}
 *{-webkit-print-color-adjust:exact;print-color-adjust:exact}@page{margin:14mm}}
"""

STYLE = (
    f":root{{color-scheme:light dark;{_variables(LIGHT)}}}"
    f"@media screen and (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}"
    f"{_RULES}"
)
"""The whole style sheet."""
