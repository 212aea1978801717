// Elements, and how what is shown becomes what is to be shown. Texts are only ever text: no
// string becomes markup.

const SVG = 'http://www.w3.org/2000/svg';
const shapes = new Set(['svg', 'path', 'circle', 'line', 'rect', 'g', 'polyline']);

// h makes an element. Of its properties, on has listeners, vars has custom properties, key says
// which one of its siblings it is, and live has properties that are set on the element itself;
// all others are attributes. null, undefined and false leave out.
export function h(tag, props, ...children) {
  const el = shapes.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  el.mine = { on: props?.on ?? {}, vars: props?.vars ?? {}, key: props?.key, live: props?.live ?? {}, keep: props?.keep };
  for (const [name, value] of Object.entries(props ?? {})) {
    if (['on', 'vars', 'key', 'live', 'keep'].includes(name) || value === null || value === undefined || value === false) continue;
    el.setAttribute(name, value === true ? '' : String(value));
  }
  for (const type of Object.keys(el.mine.on)) el.addEventListener(type, heard);
  for (const [name, value] of Object.entries(el.mine.vars)) el.style.setProperty(name, String(value));
  Object.assign(el, el.mine.live);
  add(el, children);
  return el;
}

function add(el, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(el, child);
    else if (child instanceof Node) el.append(child);
    else if (child !== null && child !== undefined && child !== false) el.append(document.createTextNode(String(child)));
  }
}

// heard calls the listener that an element has by now.
function heard(event) {
  event.currentTarget.mine.on[event.type]?.(event);
}

// show makes the children of el those that are given. Elements that stay the same stay: with
// their focus, what is typed into them, and what of them is scrolled or open.
export function show(el, ...children) {
  const fresh = document.createElement('div');
  add(fresh, children);
  siblings(el, fresh);
}

function siblings(el, fresh) {
  const keyed = new Map();
  for (const child of el.childNodes) if (child.mine?.key !== undefined) keyed.set(child.mine.key, child);
  const wanted = new Set([...fresh.childNodes].map((child) => child.mine?.key));
  // What is not wanted any more goes first: what stays is not moved then, which would cost it the focus.
  for (const [key, child] of keyed) if (!wanted.has(key)) child.remove();
  let at = el.firstChild;
  for (const want of [...fresh.childNodes]) {
    const key = want.mine?.key;
    let have = key !== undefined ? keyed.get(key) : at;
    if (key !== undefined) keyed.delete(key);
    if (!have || !alike(have, want)) {
      el.insertBefore(want, at);
      continue;
    }
    if (have !== at) el.insertBefore(have, at);
    else at = at.nextSibling;
    become(have, want);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function alike(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && a.mine?.key === b.mine?.key;
}

// become makes have what want is.
function become(have, want) {
  if (have.nodeType === Node.TEXT_NODE) {
    if (have.data !== want.data) have.data = want.data;
    return;
  }
  if (have.mine?.keep && have.mine.keep === want.mine?.keep) return;
  for (const { name } of [...have.attributes]) {
    if (name !== 'style' && name !== 'open' && !want.hasAttribute(name)) have.removeAttribute(name);
  }
  for (const { name, value } of want.attributes) {
    if (name !== 'style' && name !== 'open' && have.getAttribute(name) !== value) have.setAttribute(name, value);
  }
  const before = have.mine ?? { on: {}, vars: {} };
  have.mine = want.mine;
  for (const type of Object.keys(have.mine.on)) if (!before.on[type]) have.addEventListener(type, heard);
  for (const name of Object.keys(before.vars)) if (!(name in have.mine.vars)) have.style.removeProperty(name);
  for (const [name, value] of Object.entries(have.mine.vars)) {
    if (before.vars[name] !== value) have.style.setProperty(name, String(value));
  }
  for (const [name, value] of Object.entries(have.mine.live)) if (have[name] !== value) have[name] = value;
  siblings(have, want);
}

// say has a screen reader say something.
export function say(text) {
  document.getElementById('said').textContent = text;
}
