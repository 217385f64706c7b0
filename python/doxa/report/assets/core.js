// What all parts of the page share: the data, the selection, and small helpers.
const data = JSON.parse(document.getElementById("data").textContent);
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
const fixed = (value, digits) => (known(value) ? minus(value.toFixed(digits)) : "–");
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

function redraw() {
  for (const draw of redraws) draw();
}

const alignment = rowsOf(data.alignment);
const selected = (row) => row.model === selection.model && row.elicitation === selection.elicitation;
const selectedAlignment = () => alignment.filter((row) => selected(row) && row.wave === selection.wave);
