// Script of the review page: plain ES2020 that needs nothing but the page.
#pragma once

#include <string>

namespace tagconf::report::review_page {

inline const std::string kScript = R"js(
'use strict';
(() => {
const data = JSON.parse(document.getElementById('data').textContent);
const at = id => document.getElementById(id);
const SVG = 'http://www.w3.org/2000/svg';
const COLOURS = {laterality: '#e69f00', technologist: '#56b4e9', text: '#2fbf92', marker: '#e08cc0', unknown: '#f0e442'};
const KIND_KEYS = {laterality: 'l', technologist: 'i', text: 't', marker: 'm', unknown: 'u'};
const LEAST = 2;  // pixels of a box's side

const images = data.images;
const fresh = image => ({
  examined: false,
  boxes: image.boxes.map((b, i) => ({x: b.x, y: b.y, w: b.w, h: b.h, kind: b.kind, from: i}))
});
const states = images.map(fresh);
const past = [];      // {index, state}: what an image was before each step
let order = [];       // indices of the images shown
let current = 0;      // index of the image on view
let chosen = -1;      // index of the chosen box
let zoom = 1;
let drag = null;
let stepsSaved = 0;   // steps that the last saved file holds
let steps = 0;

// --- progress kept in the browser -------------------------------------------------------------------------------
const storeKey = image => 'tagconf.review/1 ' + data.table + ' ' + image.id;
let storable = true;
const keep = index => {
  try {
    localStorage.setItem(storeKey(images[index]), JSON.stringify(states[index]));
  } catch (error) {
    if (storable) tell('This browser keeps nothing between visits: save the edits before closing.');
    storable = false;
  }
};
const whole = v => Number.isInteger(v);
const sound = (state, image) => state && typeof state.examined === 'boolean' && Array.isArray(state.boxes) &&
  state.boxes.every(b => b && whole(b.x) && whole(b.y) && whole(b.w) && whole(b.h) && b.x >= 0 && b.y >= 0 &&
    b.w > 0 && b.h > 0 && b.x + b.w <= image.width && b.y + b.h <= image.height && data.kinds.includes(b.kind) &&
    (b.from === undefined || (whole(b.from) && b.from >= 0 && b.from < image.boxes.length)));
const restore = () => {
  images.forEach((image, i) => {
    try {
      const state = JSON.parse(localStorage.getItem(storeKey(image)));
      if (sound(state, image)) states[i] = state;
    } catch (error) { /* nothing kept, or not ours: the boxes as they came */ }
  });
};
const forget = () => {
  if (!confirm('Forget every edit on this page?')) return;
  images.forEach((image, i) => {
    states[i] = fresh(image);
    try { localStorage.removeItem(storeKey(image)); } catch (error) { storable = false; }
  });
  past.length = 0;
  steps = stepsSaved = 0;
  at('keys').close();
  show(current);
};

// --- what a person does ------------------------------------------------------------------------------------------
const copy = state => ({examined: state.examined, boxes: state.boxes.map(b => ({...b}))});
const here = () => states[current];
const frame = () => images[current];
const change = (work, words) => {
  const before = copy(here());
  work(here());
  commit(before, words);
};
// An image that was edited was examined.
const commit = (before, words) => {
  const touched = JSON.stringify(before.boxes) !== JSON.stringify(here().boxes);
  if (touched) here().examined = true;
  if (!touched && before.examined === here().examined) return draw();
  past.push({index: current, state: before});
  ++steps;
  keep(current);
  if (words) tell(words);
  draw();
};
const undo = () => {
  const step = past.pop();
  if (!step) return tell('Nothing to undo.');
  ++steps;
  states[step.index] = step.state;
  keep(step.index);
  tell('Undone.');
  show(step.index);
};
const bound = b => {
  const w = Math.min(Math.max(Math.round(b.w), LEAST), frame().width);
  const h = Math.min(Math.max(Math.round(b.h), LEAST), frame().height);
  b.w = w;
  b.h = h;
  b.x = Math.min(Math.max(Math.round(b.x), 0), frame().width - w);
  b.y = Math.min(Math.max(Math.round(b.y), 0), frame().height - h);
};
const add = () => {
  const side = Math.max(LEAST, Math.round(Math.min(frame().width, frame().height) / 8));
  const box = {x: (frame().width - side) / 2, y: (frame().height - side) / 2, w: side, h: side, kind: 'unknown'};
  bound(box);
  change(s => { s.boxes.push(box); chosen = s.boxes.length - 1; }, 'Added: move it with the arrows, Alt+arrows resize.');
};
const remove = () => {
  if (chosen < 0) return tell('Choose a box first: Tab, or a click.');
  change(s => { s.boxes.splice(chosen, 1); chosen = -1; }, 'Deleted.');
};
const setKind = kind => {
  if (chosen < 0) return tell('Choose a box first: Tab, or a click.');
  change(s => { s.boxes[chosen].kind = kind; }, 'Kind: ' + kind + '.');
};
const clear = () => change(s => { s.boxes = []; s.examined = true; chosen = -1; }, 'Marked: no tag.');
const accept = () => {
  change(s => { s.examined = true; }, '');
  go(1, true);
};
const nudge = (dx, dy, resize) => change(s => {
  const b = s.boxes[chosen];
  if (resize) {
    b.w = Math.min(b.w + dx, frame().width - b.x);
    b.h = Math.min(b.h + dy, frame().height - b.y);
  } else {
    b.x += dx;
    b.y += dy;
  }
  bound(b);
}, '');
const cycle = by => {
  const n = here().boxes.length;
  if (n === 0) return tell('No boxes on this image.');
  chosen = chosen < 0 ? (by > 0 ? 0 : n - 1) : (chosen + by + n) % n;
  draw();
};

// --- going about -------------------------------------------------------------------------------------------------
const doubt = image => image.boxes.reduce((least, b) => Math.min(least, b.score === undefined ? 1 : b.score), 2);
const arrange = () => {
  const filter = at('filter').value;
  order = images.map((_, i) => i);
  if (filter === 'empty') order = order.filter(i => images[i].boxes.length === 0);
  if (filter === 'open') order = order.filter(i => !states[i].examined);
  if (filter === 'unsure') order.sort((a, b) => doubt(images[a]) - doubt(images[b]) || a - b);
  list();
  if (order.length === 0) tell('No image fits this choice.');
  else if (!order.includes(current)) show(order[0]);
  else draw();
};
const go = (by, wrapNot) => {
  const place = order.indexOf(current);
  const next = place + by;
  if (order.length === 0) return tell('No image fits this choice.');
  if (next < 0 || next >= order.length) {
    tell(wrapNot && by > 0 ? 'That was the last one. Save the edits.' : 'No more images this way.');
    return draw();
  }
  show(order[next]);
};
const show = index => {
  current = index;
  chosen = -1;
  zoom = 1;
  drag = null;
  const image = frame();
  at('picture').src = 'data:image/jpeg;base64,' + image.jpeg;
  at('picture').alt = 'Radiograph ' + image.id;
  at('drawing').setAttribute('viewBox', `0 0 ${image.width} ${image.height}`);
  layout();
  draw();
  const entry = at('list').querySelector('.current');
  if (entry) entry.scrollIntoView({block: 'nearest'});
};

// --- drawing -----------------------------------------------------------------------------------------------------
const scale = () => at('sheet').clientWidth / frame().width;  // screen pixels per image pixel
const layout = () => {
  const view = at('view');
  const fit = Math.min((view.clientWidth - 8) / frame().width, (view.clientHeight - 8) / frame().height);
  at('sheet').style.width = Math.max(1, Math.floor(frame().width * fit * zoom)) + 'px';
  at('sheet').style.height = Math.max(1, Math.floor(frame().height * fit * zoom)) + 'px';
};
// Zooms so that the image's point (x, y) stays where it is on the screen.
const zoomTo = (value, x, y) => {
  const view = at('view');
  const place = () => {
    const sheet = at('sheet').getBoundingClientRect();
    return {x: sheet.left + x * scale(), y: sheet.top + y * scale()};
  };
  const before = place();
  zoom = Math.min(Math.max(value, 1), 12);
  layout();
  const after = place();
  view.scrollLeft += after.x - before.x;
  view.scrollTop += after.y - before.y;
  draw();
};
const zoomHere = factor => {
  const b = here().boxes[chosen];
  if (b) zoomTo(zoom * factor, b.x + b.w / 2, b.y + b.h / 2);
  else zoomTo(zoom * factor, frame().width / 2, frame().height / 2);
};
const shape = (name, attributes) => {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  at('drawing').appendChild(node);
  return node;
};
const HANDLES = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'];
const CURSORS = {nw: 'nwse-resize', se: 'nwse-resize', ne: 'nesw-resize', sw: 'nesw-resize', n: 'ns-resize', s: 'ns-resize', e: 'ew-resize', w: 'ew-resize'};
const drawBox = (b, i) => {
  const unit = 1 / scale();
  const place = {x: b.x, y: b.y, width: b.w, height: b.h};
  shape('rect', {...place, class: 'shade'});
  shape('rect', {...place, class: i === chosen ? 'box chosen' : 'box', stroke: COLOURS[b.kind] || '#fff', 'data-box': i});
  const above = b.y > 18 * unit;
  const size = 13 * unit;
  const label = shape('text', {x: b.x, y: above ? b.y - 5 * unit : b.y + b.h + 15 * unit, 'font-size': size,
    'stroke-width': 3 * unit, fill: COLOURS[b.kind] || '#fff'});
  label.textContent = b.kind;
  if (b.x + 80 * unit > frame().width) {
    label.setAttribute('x', b.x + b.w);
    label.setAttribute('text-anchor', 'end');
  }
  if (i !== chosen) return;
  const side = 9 * unit;
  for (const name of HANDLES) {
    const x = name.includes('w') ? b.x : name.includes('e') ? b.x + b.w : b.x + b.w / 2;
    const y = name.includes('n') ? b.y : name.includes('s') ? b.y + b.h : b.y + b.h / 2;
    shape('rect', {x: x - side / 2, y: y - side / 2, width: side, height: side, class: 'handle', 'data-handle': name})
      .style.cursor = CURSORS[name];
  }
};
const piece = (tag, kind, text) => {
  const node = document.createElement(tag);
  if (kind) node.className = kind;
  if (text !== undefined) node.textContent = text;
  return node;
};
const draw = () => {
  at('drawing').replaceChildren();
  here().boxes.forEach((b, i) => { if (i !== chosen) drawBox(b, i); });
  if (here().boxes[chosen]) drawBox(here().boxes[chosen], chosen);
  panel();
};
const panel = () => {
  const image = frame();
  const state = here();
  const n = state.boxes.length;
  at('name').textContent = image.id;
  at('facts').textContent = `${image.width} × ${image.height} px, image ${order.indexOf(current) + 1} of ${order.length}`;
  at('verdict').textContent = state.examined ? (n === 0 ? '✓ examined: no tag' : '✓ examined') : 'not yet examined';
  at('verdict').className = state.examined ? 'done' : '';
  at('boxes').replaceChildren(...state.boxes.map((b, i) => {
    const entry = piece('li', i === chosen ? 'chosen' : '');
    const chip = piece('span', 'chip');
    chip.style.background = COLOURS[b.kind] || '#fff';
    const origin = b.from === undefined ? undefined : image.boxes[b.from];
    const score = origin && origin.score !== undefined ? ', score ' + origin.score.toFixed(2) : '';
    entry.append(chip, piece('span', '', b.kind + (origin && origin.text ? ' “' + origin.text + '”' : '')),
      piece('span', 'more', `${b.w} × ${b.h}${score}`));
    entry.addEventListener('click', () => { chosen = i; draw(); });
    return entry;
  }));
  if (n === 0) at('boxes').append(piece('li', '', 'none'));
  for (const button of at('kinds').children) {
    button.disabled = chosen < 0;
    button.classList.toggle('on', chosen >= 0 && state.boxes[chosen].kind === button.dataset.kind);
  }
  at('remove').disabled = chosen < 0;
  at('undo').disabled = past.length === 0;
  const done = states.filter(s => s.examined).length;
  at('progress').textContent = `${done} of ${images.length} examined` + (steps !== stepsSaved ? ' · not saved' : '');
  at('save').classList.toggle('unsaved', steps !== stepsSaved);
  for (const entry of at('list').children) mark(entry);
};
const mark = entry => {
  const i = Number(entry.dataset.index);
  entry.className = i === current ? 'current' : '';
  entry.children[0].textContent = states[i].examined ? '✓' : '';
  entry.children[2].textContent = states[i].boxes.length;
};
const list = () => {
  at('list').replaceChildren(...order.map(i => {
    const entry = piece('li');
    entry.dataset.index = i;
    entry.title = images[i].id;
    // The end of an id tells images apart; it is set from the right, and the mark keeps its '/' in place.
    entry.append(piece('span', 'mark'), piece('span', 'id', '\u200e' + images[i].id + '\u200e'), piece('span', 'count'));
    entry.addEventListener('click', () => show(i));
    return entry;
  }));
};
const tell = words => { at('message').textContent = words; };

// --- pointer -----------------------------------------------------------------------------------------------------
const point = event => {
  const area = at('drawing').getBoundingClientRect();
  return {x: (event.clientX - area.left) / area.width * frame().width,
          y: (event.clientY - area.top) / area.height * frame().height};
};
const span = (a, b) => {
  const inside = p => ({x: Math.min(Math.max(p.x, 0), frame().width), y: Math.min(Math.max(p.y, 0), frame().height)});
  const [p, q] = [inside(a), inside(b)];
  const x = Math.floor(Math.min(p.x, q.x));
  const y = Math.floor(Math.min(p.y, q.y));
  return {x, y, w: Math.ceil(Math.max(p.x, q.x)) - x, h: Math.ceil(Math.max(p.y, q.y)) - y};
};
const press = event => {
  if (event.button !== 0 || drag) return;
  event.preventDefault();
  if (document.activeElement) document.activeElement.blur();
  const start = point(event);
  const handle = event.target.dataset.handle;
  const before = copy(here());
  if (handle) {
    drag = {mode: 'resize', handle, start, before, box: {...here().boxes[chosen]}};
  } else if (event.target.dataset.box !== undefined) {
    chosen = Number(event.target.dataset.box);
    drag = {mode: 'move', start, before, box: {...here().boxes[chosen]}};
  } else {
    drag = {mode: 'new', start, before, screen: {x: event.clientX, y: event.clientY}, made: false};
    chosen = -1;
  }
  at('drawing').setPointerCapture(event.pointerId);
  draw();
};
const pull = event => {
  if (!drag) return;
  const now = point(event);
  const dx = now.x - drag.start.x;
  const dy = now.y - drag.start.y;
  if (drag.mode === 'new') {
    const far = Math.hypot(event.clientX - drag.screen.x, event.clientY - drag.screen.y) >= 5;
    if (!far && !drag.made) return;
    if (!drag.made) {
      here().boxes.push({kind: 'unknown'});
      chosen = here().boxes.length - 1;
      drag.made = true;
    }
    Object.assign(here().boxes[chosen], span(drag.start, now));
  } else if (drag.mode === 'move') {
    const b = here().boxes[chosen];
    b.x = drag.box.x + dx;
    b.y = drag.box.y + dy;
    bound(b);
  } else {
    const from = drag.box;
    const edges = {left: from.x, top: from.y, right: from.x + from.w, bottom: from.y + from.h};
    if (drag.handle.includes('w')) edges.left += dx;
    if (drag.handle.includes('e')) edges.right += dx;
    if (drag.handle.includes('n')) edges.top += dy;
    if (drag.handle.includes('s')) edges.bottom += dy;
    const near = v => Math.round(v);
    Object.assign(here().boxes[chosen], span({x: near(edges.left), y: near(edges.top)}, {x: near(edges.right), y: near(edges.bottom)}));
  }
  draw();
};
const release = () => {
  if (!drag) return;
  const {before, mode, made} = drag;
  drag = null;
  if (mode !== 'new' || made) bound(here().boxes[chosen]);
  const words = {new: 'Added.', move: 'Moved.', resize: 'Resized.'}[mode];
  commit(before, words);
};
const giveUp = () => {
  if (!drag) return;
  states[current] = drag.before;
  drag = null;
  chosen = -1;
  draw();
};

// --- saving ------------------------------------------------------------------------------------------------------
const edits = () => ({
  schema: 'tagconf.review/1',
  table: data.table,
  page: data.page,
  images: images.map((image, i) => ({image, state: states[i]})).filter(e => e.state.examined).map(e => ({
    id: e.image.id, width: e.image.width, height: e.image.height,
    boxes: e.state.boxes.map(b => b.from === undefined ? {x: b.x, y: b.y, w: b.w, h: b.h, kind: b.kind}
      : {x: b.x, y: b.y, w: b.w, h: b.h, kind: b.kind, from: b.from})
  }))
});
const save = () => {
  const content = edits();
  if (content.images.length === 0) return tell('Nothing to save: no image was examined.');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 1) + '\n'], {type: 'application/json'}));
  link.download = `edits_${data.table.slice(0, 8)}_${data.page}.json`;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  stepsSaved = steps;
  tell(`${content.images.length} images written to ${link.download}.`);
  draw();
};

// --- keys --------------------------------------------------------------------------------------------------------
const KEYS = [
  ['Enter', 'right as it is, on to the next image'],
  ['j, PageDown / k, PageUp', 'next / previous image'],
  ['Tab / Shift+Tab', 'next / previous box'],
  ['arrows', 'move the chosen box by a pixel, with Shift by ten; without a box: other image'],
  ['Alt+arrows', 'resize the chosen box at its right and lower edge, with Shift by ten'],
  ['a', 'add a box in the middle'],
  ['Delete, Backspace, x', 'delete the chosen box'],
  ['l i t m u', 'kind: laterality, technologist (initials), text, marker, unknown'],
  ['n', 'no tag on this image'],
  ['z, Ctrl+Z', 'undo'],
  ['f', 'next choice of images'],
  ['+ - 0', 'zoom in, out, whole picture'],
  ['b / Shift+B, c / Shift+C', 'brightness, contrast: more / less'],
  ['s, Ctrl+S', 'save the edits as a file'],
  ['Esc', 'let go of the box'],
  ['?', 'this list']
];
const tune = (id, by) => {
  const slider = at(id);
  slider.value = Number(slider.value) + by;
  light();
};
const light = () => {
  at('picture').style.filter = `brightness(${at('brightness').value}) contrast(${at('contrast').value})`;
};
const arrow = (event, dx, dy) => {
  const step = event.shiftKey ? 10 : 1;
  if (chosen >= 0) nudge(dx * step, dy * step, event.altKey);
  else if (!event.altKey) go(dx + dy > 0 ? 1 : -1);
};
const nextFilter = () => {
  at('filter').selectedIndex = (at('filter').selectedIndex + 1) % at('filter').options.length;
  tell('Shown: ' + at('filter').selectedOptions[0].textContent + '.');
  arrange();
};
const plain = {
  Enter: accept, j: () => go(1), PageDown: () => go(1), k: () => go(-1), PageUp: () => go(-1),
  a: add, Delete: remove, Backspace: remove, x: remove, n: clear, z: undo, f: nextFilter, s: save,
  '+': () => zoomHere(1.5), '=': () => zoomHere(1.5), '-': () => zoomHere(1 / 1.5), 0: () => zoomTo(1, 0, 0),
  b: () => tune('brightness', 0.3), B: () => tune('brightness', -0.3),
  c: () => tune('contrast', 0.3), C: () => tune('contrast', -0.3),
  Escape: () => { chosen = -1; draw(); },
  '?': () => at('keys').showModal()
};
for (const [kind, key] of Object.entries(KIND_KEYS)) plain[key] = () => setKind(kind);
const onKey = event => {
  if (at('keys').open) {
    if (event.key === '?') { event.preventDefault(); at('keys').close(); }
    return;
  }
  // A box on the move is neither deleted nor left behind.
  if (drag) {
    event.preventDefault();
    if (event.key === 'Escape') giveUp();
    return;
  }
  const control = event.target.closest('select, input, button, a');
  const mod = event.ctrlKey || event.metaKey;
  if (mod) {
    const work = {z: undo, s: save}[event.key.toLowerCase()];
    if (work) { event.preventDefault(); work(); }
    return;
  }
  const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  if (arrows[event.key]) {
    if (control && control.matches('select, input')) return;
    event.preventDefault();
    return arrow(event, ...arrows[event.key]);
  }
  if (event.key === 'Tab') {
    if (control || here().boxes.length === 0) return;
    event.preventDefault();
    return cycle(event.shiftKey ? -1 : 1);
  }
  if (event.altKey || (control && (event.key === 'Enter' || control.matches('select')))) return;
  if (!plain[event.key]) return;
  event.preventDefault();
  plain[event.key]();
};

// --- start -------------------------------------------------------------------------------------------------------
const begin = () => {
  restore();
  at('keytable').replaceChildren(...KEYS.map(([keys, meaning]) => {
    const row = piece('tr');
    const cell = piece('td');
    cell.append(piece('kbd', '', keys));
    row.append(cell, piece('td', '', meaning));
    return row;
  }));
  at('kinds').replaceChildren(...data.kinds.map(kind => {
    const button = piece('button', '', kind + ' ');
    button.type = 'button';
    button.dataset.kind = kind;
    button.style.color = COLOURS[kind] || '#fff';
    if (KIND_KEYS[kind]) button.append(piece('kbd', '', KIND_KEYS[kind]));
    button.addEventListener('click', () => { button.blur(); setKind(kind); });
    return button;
  }));
  if (data.pages.length > 1) {
    at('pages').replaceChildren(...data.pages.map((file, i) => {
      if (i + 1 === data.page) return piece('span', '', String(i + 1));
      const link = piece('a', '', String(i + 1));
      link.href = encodeURIComponent(file);
      return link;
    }));
  }
  const buttons = {accept, clear, add, remove, undo, save, forget, help: () => at('keys').showModal(), close: () => at('keys').close()};
  for (const [id, work] of Object.entries(buttons)) {
    // A button that keeps the focus would take the next Enter for itself.
    at(id).addEventListener('click', () => { at(id).blur(); work(); });
  }
  at('filter').addEventListener('change', () => { at('filter').blur(); arrange(); });
  at('brightness').addEventListener('input', light);
  at('contrast').addEventListener('input', light);
  const drawing = at('drawing');
  drawing.addEventListener('pointerdown', press);
  drawing.addEventListener('pointermove', pull);
  drawing.addEventListener('pointerup', release);
  drawing.addEventListener('pointercancel', giveUp);
  at('view').addEventListener('wheel', event => {
    event.preventDefault();
    const p = point(event);
    zoomTo(zoom * (event.deltaY < 0 ? 1.25 : 0.8), p.x, p.y);
  }, {passive: false});
  document.addEventListener('keydown', onKey);
  window.addEventListener('resize', () => { layout(); draw(); });
  order = images.map((_, i) => i);
  show(0);
  arrange();
  show(order.length > 0 ? order[0] : 0);
};
begin();
})();
)js";

}  // namespace tagconf::report::review_page
