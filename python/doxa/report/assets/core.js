// What all parts of the page share: the data, the selection, and small helpers.
// Blocks are read when they are first needed; a browser's own inflater unpacks them.
const opened = new Map();
const once = (name, read) => {
  if (!opened.has(name)) opened.set(name, read());
  return opened.get(name);
};
const block = (name) => document.getElementById(`block-${name}`).textContent;

async function inflate(text) {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
const inflateJson = async (text) => JSON.parse(new TextDecoder().decode(await inflate(text)));

// Numbers come as all their first bytes, then all second ones, and so on.
const THOUSAND = 1000;
const grid = (name) => once(name, async () => {
  const bytes = await inflate(block(name));
  const n = bytes.length / 4;
  return Uint32Array.from({ length: n }, (_, i) => bytes[i] | (bytes[n + i] << 8) | (bytes[2 * n + i] << 16) | (bytes[3 * n + i] << 24));
});

const data = await inflateJson(block("data"));
const narrow = matchMedia("(max-width: 40rem)");
const selection = { model: data.models[0], elicitation: Object.keys(data.elicitations)[0], wave: data.waves.at(-1) };
const redraws = [];

// Columns to rows: [{column: value, …}, …].
function rowsOf(columns) {
  const names = Object.keys(columns);
  return columns[names[0]].map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
}

// Text only ever enters the page as text, never as markup.
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick" || name === "onchange" || name === "oninput") node[name] = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function say(text) {
  document.getElementById("said").textContent = text;
}

const minus = (text) => text.replaceAll("-", "−");
const known = (value) => value !== null && value !== undefined;
// What rounds to zero has no sign.
const fixed = (value, digits) => (known(value) ? minus(value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1")) : "–");
const percent = (value) => (known(value) ? `${(100 * value).toFixed(value > 0 && value < 0.00995 ? 1 : 0)}%` : "–");

const signed = (value, digits) => (known(value) && value >= 0 ? "+" : "") + fixed(value, digits);

// The same forms as `with_interval` in words.py.
function withInterval(value, low, high) {
  if (!known(value)) return "–";
  return fixed(value, 3) + (known(low) && known(high) ? ` [${fixed(low, 2)}, ${fixed(high, 2)}]` : "");
}

function changeWithInterval(value, low, high) {
  if (!known(value)) return "–";
  return signed(value, 3) + (known(low) && known(high) ? ` [${signed(low, 3)}, ${signed(high, 3)}]` : "");
}

function picker(label, options, value, choose) {
  const select = element("select", { onchange: () => choose(select.value) });
  for (const [key, name] of options) select.append(element("option", { value: key, selected: String(key) === String(value) }, name));
  return element("label", {}, label, select);
}

function download(name, url) {
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

// New children, with the keyboard's focus where it was.
function refill(place, ...children) {
  const controls = () => [...place.querySelectorAll("select, input, button")];
  const focused = controls().indexOf(document.activeElement);
  place.replaceChildren(...children);
  controls()[focused]?.focus();
}

// One part after another, with a breath between them in which the page answers its reader.
let turn = 0;
async function redraw() {
  const mine = ++turn;
  const main = document.getElementById("main");
  main.setAttribute("aria-busy", "true");
  for (const draw of redraws) {
    await draw();
    await new Promise((resume) => setTimeout(resume));
    if (mine !== turn) return;
  }
  main.setAttribute("aria-busy", "false");
}

const alignment = rowsOf(data.alignment);
const selected = (row) => row.model === selection.model && row.elicitation === selection.elicitation;
// Conditions that differ in their target alone may share a row of charts; a country then shows
// under the steering that names it.
const wayOf = (row) => data.conditions[row.condition].way;
const folded = data.ways.length < data.conditions.length;
const inCharts = (row) => !folded || ["", row.country].includes(data.conditions[row.condition].target);
const selectedAlignment = () => alignment.filter((row) => selected(row) && row.wave === selection.wave);
