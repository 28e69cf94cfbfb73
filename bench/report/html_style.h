/* How the page looks: for a wide window and a phone, a light room and a dark one, and paper.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_HTML_STYLE_H
#define BENCH_HTML_STYLE_H

static const char bench_html_style[] =
    ":root{color-scheme:light dark;--page:#fbfbfa;--ink:#22252a;--soft:#666d76;--line:#dcdfe3;--card:#fff;"
    "--warn:#fff4e0;--warn-ink:#7a4a00;--good:#1d7a46;--bad:#b3362b;--open:#8a6a10;--head:#f1f3f5;"
    "--device:#3f8fc4;--kernel:#d08a3c;--nothing:#9a8fb8}\n"
    "@media(prefers-color-scheme:dark){:root{--page:#15171a;--ink:#e3e6ea;--soft:#9aa2ac;--line:#32373d;--card:#1c1f23;"
    "--warn:#3a2c10;--warn-ink:#ffd48a;--good:#5cc98a;--bad:#ff8a7d;--open:#e0bd5a;--head:#24282d}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,'Segoe UI',"
    "'Liberation Sans',sans-serif}\n"
    "main{max-width:1080px;margin:0 auto;padding:28px 20px 60px}\n"
    "h1{font-size:1.7rem;line-height:1.2;margin:0 0 4px}h2{font-size:1.3rem;margin:48px 0 4px;padding-top:20px;"
    "border-top:1px solid var(--line)}h3{font-size:1rem;margin:30px 0 8px}\n"
    ".lead,.note{color:var(--soft);margin:0 0 12px}.note{font-size:.88rem}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:20px 0;font-size:.92rem}\n"
    "dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}\n"
    ".scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:8px;margin:10px 0}\n"
    "table{border-collapse:collapse;width:100%;font-size:.86rem;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:5px 12px;text-align:right;white-space:nowrap}th:first-child,td:first-child{text-align:left;"
    "position:sticky;left:0;background:inherit}\n"
    "thead tr{background:var(--head)}tbody tr{background:var(--card);border-top:1px solid var(--line)}\n"
    "th{font-weight:600;color:var(--soft)}tr.limit td{color:var(--soft)}tr.best td{font-weight:600}\n"
    "td.words{text-align:left;white-space:normal;min-width:16em}\n"
    "figure{margin:10px 0;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px;"
    "overflow-x:auto}figure svg{display:block;width:100%;min-width:620px;height:auto}\n"
    "figcaption{font-size:.86rem;color:var(--soft);margin-bottom:6px;position:sticky;left:0}\n"
    ".key{display:inline-block;width:.75em;height:.75em;border-radius:2px;margin:0 5px 0 12px}\n"
    ".warning{background:var(--warn);color:var(--warn-ink);border-radius:8px;padding:10px 14px;margin:8px 0}\n"
    ".holds{color:var(--good);font-weight:600}.misses{color:var(--bad);font-weight:600}.open{color:var(--open)}\n"
    "li{margin:5px 0}code{font-size:.9em}footer{margin-top:48px;color:var(--soft);font-size:.85rem}\n"
    "@media(max-width:600px){main{padding:18px 14px 40px}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}"
    "th,td{padding:5px 9px}td:first-child,th:first-child{white-space:normal;min-width:9em}}\n"
    "@media print{.scroll,figure{overflow:visible;break-inside:avoid}}\n";

#endif
