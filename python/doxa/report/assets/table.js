// A table that sorts, filters and can be saved as CSV. A column is {name, key, text, number, keep, cell}:
// `key(row)` is what it sorts by, `text(row)` what it shows, `cell(row)` a node in its place;
// `keep` keeps its text on one line.
const SHOWN = 200;

const style = (column) => (column.number ? "number" : column.keep ? "keep" : null);

function sortableTable(place, { caption, file, columns, current }) {
  let rows = [];
  let sorted = { column: null, direction: 1 };
  let limit = SHOWN;
  const text = (column, row) => String(column.text ? column.text(row) : (column.key(row) ?? "–"));

  const filter = element("input", { type: "search", oninput: () => { limit = SHOWN; fill(); } });
  const count = element("p", { class: "count" });
  const body = element("tbody");
  const heads = columns.map((column) => element("th", { scope: "col", class: style(column) },
    element("button", { type: "button", onclick: () => sortBy(column) }, column.name)));
  const more = element("button", { type: "button", onclick: () => { limit = Infinity; fill(); } });
  place.replaceChildren(
    element("div", { class: "tools" },
      element("label", {}, "Filter rows", filter),
      element("button", { type: "button", onclick: save }, "Save as CSV")),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
      element("table", {}, element("caption", {}, caption), element("thead", {}, element("tr", {}, ...heads)), body)),
    count, more);

  function sortBy(column) {
    const direction = sorted.column === column ? -sorted.direction : (column.number ? -1 : 1);
    sorted = { column, direction };
    fill();
    say(`Sorted by ${column.name}, ${direction > 0 ? "ascending" : "descending"}`);
  }

  function visible() {
    const wanted = filter.value.trim().toLocaleLowerCase();
    const kept = wanted ? rows.filter((row) => columns.some((c) => text(c, row).toLocaleLowerCase().includes(wanted))) : [...rows];
    if (!sorted.column) return kept;
    const { key } = sorted.column;
    return kept.sort((a, b) => compare(key(a), key(b), sorted.direction));
  }

  function fill() {
    const shown = visible();
    heads.forEach((head, i) => {
      if (columns[i] === sorted.column) head.setAttribute("aria-sort", sorted.direction > 0 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    body.replaceChildren(...shown.slice(0, limit).map((row) => element("tr", { "aria-current": current?.(row) ? "true" : null },
      ...columns.map((column, i) => element(i ? "td" : "th", { scope: i ? null : "row", class: style(column) },
        column.cell ? column.cell(row) : text(column, row))))));
    count.textContent = shown.length === rows.length ? `${rows.length} rows` : `${shown.length} of ${rows.length} rows`;
    more.hidden = shown.length <= limit;
    more.textContent = `Show all ${shown.length} rows`;
  }

  function save() {
    const quote = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
    const lines = [columns.map((column) => column.name), ...visible().map((row) => columns.map((column) => text(column, row)))];
    const csv = "\ufeff" + lines.map((line) => line.map(quote).join(",")).join("\r\n");
    const url = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
    download(file, url);
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }

  return (newRows) => { rows = newRows; fill(); };
}

// Missing values come last whichever way a table is sorted.
function compare(a, b, direction) {
  if (!known(a) || !known(b)) return Number(!known(a)) - Number(!known(b));
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  return direction * order;
}
