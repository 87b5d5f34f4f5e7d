// Markup and style of the review page.
#pragma once

#include <string>

namespace tagconf::report::review_page {

inline const std::string kPage = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src '{{{style_digest}}}'; script-src '{{{script_digest}}}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{{title}}</title>
<style>{{{style}}}</style>
</head>
<body>
<header>
<h1>{{title}}</h1>
<p id="progress" role="status"></p>
<nav id="pages" aria-label="Pages"></nav>
<label>Show <select id="filter">
<option value="unsure">unsure first</option>
<option value="empty">without boxes</option>
<option value="open">not yet examined</option>
<option value="all">all, as listed</option>
</select></label>
<button id="save" type="button">Save edits <kbd>s</kbd></button>
<button id="help" type="button" aria-label="List of keys">Keys <kbd>?</kbd></button>
</header>
<main>
<ol id="list" aria-label="Images"></ol>
<div id="view"><div id="sheet"><img id="picture" alt="" draggable="false"><svg id="drawing" preserveAspectRatio="none" role="img" aria-label="Boxes"></svg></div></div>
<aside>
<h2 id="name"></h2>
<p id="facts"></p>
<p id="verdict"></p>
<div class="row">
<button id="accept" type="button">Right as it is, next <kbd>Enter</kbd></button>
<button id="clear" type="button">No tag <kbd>n</kbd></button>
</div>
<h3>Boxes</h3>
<ol id="boxes"></ol>
<div class="row"><button id="add" type="button">Add <kbd>a</kbd></button><button id="remove" type="button">Delete <kbd>Del</kbd></button><button id="undo" type="button">Undo <kbd>z</kbd></button></div>
<h3>Kind of the chosen box</h3>
<div id="kinds" class="row"></div>
<h3>Picture</h3>
<label class="slider">Brightness <input id="brightness" type="range" min="0.4" max="4" step="0.1" value="1"></label>
<label class="slider">Contrast <input id="contrast" type="range" min="0.4" max="4" step="0.1" value="1"></label>
<p id="message" role="status" aria-live="polite"></p>
</aside>
</main>
<dialog id="keys"><h2>Keys</h2><table><tbody id="keytable"></tbody></table>
<p>Drag on the picture to add a box, drag a box to move it, its handles to resize it; the wheel zooms.
What you do stays in this browser until you save it as a file.</p>
<div class="row"><button id="close" type="button">Close <kbd>Esc</kbd></button><button id="forget" type="button">Forget this page's edits</button></div></dialog>
<script type="application/json" id="data">{{{data}}}</script>
<script>{{{script}}}</script>
</body>
</html>
)html";

inline const std::string kStyle = R"css(
:root { color-scheme: dark; --back: #101214; --panel: #191c20; --rule: #30363d; --ink: #e6e9ec; --soft: #9aa4ae; --accent: #6cb6ff; }
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; background: var(--back); color: var(--ink); overflow: hidden;
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1rem; padding: .45rem .9rem; background: var(--panel); border-bottom: 1px solid var(--rule); }
h1 { font-size: 1rem; margin: 0; }
h2 { font-size: .95rem; margin: 0 0 .2rem; overflow-wrap: anywhere; }
h3 { font-size: .8rem; font-weight: 600; color: var(--soft); margin: .9rem 0 .3rem; }
p { margin: 0 0 .3rem; }
#progress { color: var(--soft); margin: 0 auto 0 0; font-variant-numeric: tabular-nums; }
#pages a, #pages span { display: inline-block; padding: .1rem .45rem; color: var(--accent); text-decoration: none; }
#pages span { color: var(--ink); border: 1px solid var(--rule); border-radius: 4px; }
main { flex: 1; min-height: 0; display: grid; grid-template-columns: 13rem minmax(0, 1fr) 17rem; }
#list { list-style: none; margin: 0; padding: 0; overflow-y: auto; background: var(--panel); border-right: 1px solid var(--rule); }
#list li { display: flex; gap: .4rem; align-items: baseline; padding: .16rem .6rem; cursor: pointer; font-size: .82rem; white-space: nowrap; }
#list li:hover { background: #22272c; }
#list li.current { background: #24405c; }
#list .mark { width: 1em; flex: none; color: #3fb950; }
#list .id { overflow: hidden; text-overflow: ellipsis; direction: rtl; flex: 1; text-align: left; }
#list .count { color: var(--soft); font-variant-numeric: tabular-nums; }
#view { position: relative; overflow: auto; background: #000; display: grid; place-items: safe center; outline: none; }
#sheet { position: relative; flex: none; }
#picture { display: block; width: 100%; height: 100%; user-select: none; }
#drawing { position: absolute; inset: 0; width: 100%; height: 100%; cursor: crosshair; touch-action: none; overflow: visible; }
#drawing rect.box { fill: transparent; stroke-width: 2; vector-effect: non-scaling-stroke; cursor: move; }
#drawing rect.box.chosen { stroke-width: 3; fill: rgba(255, 255, 255, .08); }
#drawing rect.shade { fill: none; stroke: #000; stroke-width: 5; stroke-opacity: .55; vector-effect: non-scaling-stroke; pointer-events: none; }
#drawing rect.handle { fill: #fff; stroke: #000; stroke-width: 1; vector-effect: non-scaling-stroke; }
#drawing text { paint-order: stroke; stroke: #000; stroke-linejoin: round; pointer-events: none; font-weight: 600; }
aside { overflow-y: auto; padding: .7rem .8rem; background: var(--panel); border-left: 1px solid var(--rule); }
#facts { color: var(--soft); }
#verdict.done { color: #3fb950; }
.row { display: flex; flex-wrap: wrap; gap: .35rem; }
button, select { font: inherit; color: var(--ink); background: #262b31; border: 1px solid var(--rule); border-radius: 5px; padding: .2rem .55rem; cursor: pointer; }
button:hover:not(:disabled) { background: #313840; }
button:disabled { opacity: .45; cursor: default; }
button.on { border-color: currentColor; }
button:focus-visible, select:focus-visible, input:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
kbd { font: .82em ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; color: var(--soft); border: 1px solid var(--rule); border-radius: 3px; padding: 0 .28em; }
#save.unsaved { border-color: #d29922; }
#boxes { list-style: none; margin: 0 0 .4rem; padding: 0; font-variant-numeric: tabular-nums; }
#boxes li { display: flex; gap: .45rem; align-items: baseline; padding: .12rem .3rem; cursor: pointer; border-radius: 4px; }
#boxes li.chosen { background: #24405c; }
#boxes .chip { width: .75rem; height: .75rem; border-radius: 2px; flex: none; align-self: center; }
#boxes .more { color: var(--soft); margin-left: auto; font-size: .82rem; white-space: nowrap; }
.slider { display: flex; justify-content: space-between; align-items: center; gap: .5rem; color: var(--soft); }
.slider input { width: 9.5rem; }
#message { margin-top: .8rem; min-height: 2.6em; color: var(--accent); }
dialog { color: var(--ink); background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; max-width: 34rem; }
dialog::backdrop { background: rgba(0, 0, 0, .6); }
dialog td { padding: .1rem 1rem .1rem 0; vertical-align: top; }
dialog td:first-child { white-space: nowrap; }
@media (max-width: 60rem) { main { grid-template-columns: 0 minmax(0, 1fr) 14rem; } #list { display: none; } #view { grid-column: 2; } }
)css";

}  // namespace tagconf::report::review_page
