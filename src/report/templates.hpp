// The page's templates (mustache). {{value}} is escaped, {{{markup}}} is Html that already is.
#pragma once

#include <kainjow/mustache.hpp>
#include <string>

#include "tagconf/report/html.hpp"

namespace tagconf::report::templates {

using Values = kainjow::mustache::data;

inline Values list() {
  return Values(Values::type::list);
}

// The template filled with values.
[[nodiscard]] std::string fill(const std::string& text, const Values& values);

inline const std::string kTable = R"(<div class="scroll"><table>
{{#caption}}<caption>{{caption}}</caption>
{{/caption}}<thead><tr>{{#columns}}<th scope="col"{{#numeric}} class="num"{{/numeric}}>{{title}}</th>{{/columns}}</tr></thead>
{{#groups}}<tbody>
{{#title}}<tr class="group"><th colspan="{{width}}" scope="rowgroup">{{title}}</th></tr>
{{/title}}{{#rows}}<tr>{{#cells}}{{#first}}<th scope="row">{{{content}}}</th>{{/first}}{{^first}}<td{{#numeric}} class="num"{{/numeric}}>{{{content}}}</td>{{/first}}{{/cells}}</tr>
{{/rows}}</tbody>
{{/groups}}</table></div>
)";

inline const std::string kFigure = R"(<figure>
{{{content}}}<figcaption>{{caption}}</figcaption>
</figure>
)";

inline const std::string kGallery = R"(<div class="gallery" style="--columns:{{columns}}">
{{#pictures}}<figure class="picture"><img src="data:image/jpeg;base64,{{{data}}}" width="{{width}}" height="{{height}}" alt="{{description}}"><figcaption>{{#lines}}<span>{{line}}</span>{{/lines}}</figcaption></figure>
{{/pictures}}</div>
)";

inline const std::string kCards = R"(<div class="cards">
{{#cards}}<div class="card" style="--mark:{{colour}}"><p class="card-title">{{title}}</p><p class="card-value">{{value}}</p>{{#details}}<p class="card-detail">{{detail}}</p>{{/details}}</div>
{{/cards}}</div>
)";

inline const std::string kPage = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{{title}}</title>
<style>
{{{style}}}</style>
</head>
<body>
<header>
<h1>{{title}}</h1>
{{#subtitle}}<p class="subtitle">{{subtitle}}</p>
{{/subtitle}}{{#banner}}<p class="banner"><strong>{{banner_title}}</strong> {{banner}}</p>
{{/banner}}<nav aria-label="Sections"><ol>
{{#sections}}<li{{#empty}} class="empty"{{/empty}}><a href="#{{id}}">{{name}}</a></li>
{{/sections}}</ol></nav>
</header>
<main>
{{#sections}}<section id="{{id}}"{{#empty}} class="empty"{{/empty}}>
<h2><span class="number">{{number}}</span> {{name}}</h2>
{{{body}}}</section>
{{/sections}}</main>
</body>
</html>
)";

inline const std::string kStyle =
    R"(:root { --ink: #1b1f24; --soft: #59636e; --rule: #d5dae0; --faint: #f5f7f9; --accent: #0b5394; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.5rem 4rem; color: var(--ink); background: #fff;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; letter-spacing: -.01em; text-wrap: balance; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 3.25rem 0 1rem; padding-top: .9rem; border-top: 1px solid var(--rule); }
h2 .number { color: var(--soft); font-weight: 400; margin-right: .35rem; }
h3 { font-size: 1.02rem; margin: 2rem 0 .6rem; }
p { margin: 0 0 .8rem; max-width: 46rem; }
p.lead { font-size: 1.08rem; }
p.subtitle { color: var(--soft); margin-bottom: 1.25rem; }
p.note, figcaption { color: var(--soft); font-size: .86rem; line-height: 1.45; }
p.limits { border-left: 3px solid var(--rule); padding-left: .9rem; color: var(--soft); }
p.banner { background: #fff6e0; border: 1px solid #e8cf8a; border-radius: 6px; padding: .65rem .9rem; font-size: .9rem;
  max-width: none; overflow-wrap: anywhere; }
a { color: var(--accent); text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
nav ol { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: 1.1rem 0 0; padding: 0; list-style: none; font-size: .9rem;
  counter-reset: section; }
nav li { counter-increment: section; }
nav li::before { content: counter(section) " "; color: var(--soft); }
nav li.empty a { color: var(--soft); }
section.empty h2 { color: var(--soft); font-size: 1.05rem; margin: 1.5rem 0 .3rem; padding-top: .75rem; }
section.empty p { color: var(--soft); }
main > section:first-child h2 { margin-top: 1.75rem; }
.scroll { overflow-x: auto; margin: 0 0 1rem; }
table { border-collapse: collapse; font-size: .9rem; line-height: 1.4; font-variant-numeric: tabular-nums; min-width: 50%; }
caption { caption-side: top; text-align: left; font-weight: 600; padding: 0 0 .45rem; }
th, td { text-align: left; vertical-align: baseline; padding: .34rem 1.1rem .34rem 0; }
thead th { border-bottom: 1.5px solid var(--ink); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; }
tbody tr { border-bottom: 1px solid var(--rule); }
tr.group th { font-weight: 600; padding-top: .8rem; }
tbody th { min-width: 6.5rem; }
th.num, td.num { text-align: right; padding: .34rem 1.1rem .34rem .4rem; }
td.num { white-space: nowrap; }
th:last-child, td:last-child { padding-right: .2rem; }
code { font: .84em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
figure { margin: 1.25rem 0 1.6rem; }
figcaption { margin-top: .4rem; max-width: 46rem; }
svg { display: block; width: 100%; height: auto; }
.drawing { overflow-x: auto; }
.drawing > svg { min-width: min(100%, 34rem); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: .5rem 2rem; }
.pair figure { margin: .5rem 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(12.5rem, 1fr)); gap: .9rem; margin: 1.25rem 0 1.4rem; }
.card { border: 1px solid var(--rule); border-left: 5px solid var(--mark); border-radius: 6px; padding: .75rem .95rem .7rem; background: #fff; }
.card p { margin: 0; }
.card-title { font-size: .88rem; color: var(--soft); }
.card-value { font-size: 1.95rem; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
.card-detail { font-size: .84rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.gallery { display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); gap: 1rem .8rem; margin: 1rem 0 1.4rem; }
.picture { margin: 0; }
.picture img { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: contain; background: #e9ecf0; border-radius: 3px; }
.picture figcaption { margin-top: .3rem; font-size: .78rem; line-height: 1.35; }
.picture figcaption span { display: block; overflow-wrap: anywhere; }
.badge { display: inline-block; border-radius: 3px; padding: 0 .45em; font-size: .82em; font-weight: 600; border: 1px solid; }
.badge.pass { color: #00573d; background: #e4f4ee; border-color: #9fd3c0; }
.badge.fail { color: #8f2d00; background: #fdeadf; border-color: #eab08c; }
.badge.shown { color: var(--soft); background: var(--faint); border-color: var(--rule); }
.methods { background: var(--faint); border: 1px solid var(--rule); border-radius: 6px; padding: 1rem 1.2rem .3rem; }
@media (max-width: 42rem) {
  body { padding: 1.25rem 1rem 3rem; }
  h1 { font-size: 1.5rem; }
  .gallery { grid-template-columns: repeat(min(var(--columns), 3), minmax(0, 1fr)); gap: .8rem .5rem; }
}
@page { size: A4; margin: 16mm 15mm; }
@media print {
  html { font-size: 13px; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav { display: none; }
  a { color: inherit; }
  h2 { margin-top: 1.6rem; }
  h2, h3, caption { break-after: avoid; }
  figure, tr, .card, .picture { break-inside: avoid; }
  tr.group { break-after: avoid; }
  .scroll, .drawing { overflow: visible; }
  table { font-size: 8.5pt; }
  .cards { grid-template-columns: repeat(4, 1fr); gap: .5rem; }
  .card { padding: .5rem .55rem; }
  .card-title, .card-detail { font-size: 7.5pt; }
  .card-value { font-size: 15pt; }
  .picture figcaption { font-size: 6.5pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
)";

}  // namespace tagconf::report::templates
