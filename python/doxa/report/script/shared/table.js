// A table that can be sorted, filtered and saved as CSV.

import { csvOf } from "./csv.js";
import { announce, download, element } from "./elements.js";
import { known } from "./format.js";

// So many rows stand at once; as many more at each demand.
const FIRST_ROWS = 200;

/* Columns are {name, key, text, number, keep, cell}: `key(row)` is what a table is sorted by,
   `text(row)` what is shown, `cell(row)` a node in its place; `keep` keeps text on one line. */
const styleOf = (column) => (column.number ? "number" : column.keep ? "keep" : null);
const textOf = (column, row) => String(column.text ? column.text(row) : (column.key(row) ?? "–"));

// Missing values come last whichever way a table is sorted.
function compare(a, b, direction) {
  if (!known(a) || !known(b)) return Number(!known(a)) - Number(!known(b));
  if (typeof a === "number" && typeof b === "number") return direction * (a - b);
  return direction * String(a).localeCompare(String(b), "en", { numeric: true });
}

// Gives the function that fills the table; the first call puts it in its place.
export function sortableTable(id, { caption, file, columns, isCurrent = () => false }) {
  let rows = [];
  let sorted = { column: null, direction: 1 };
  let limit = FIRST_ROWS;
  let shown = columns;

  const filter = element("input", { type: "search", oninput: () => show(FIRST_ROWS) });
  const count = element("p", { class: "count" });
  const body = element("tbody");
  const more = element("button", { type: "button", onclick: () => show(limit + FIRST_ROWS) });
  const heads = columns.map((column) =>
    element(
      "th",
      { scope: "col", class: styleOf(column) },
      element("button", { type: "button", onclick: () => sortBy(column) }, column.name),
    ),
  );

  function place() {
    const table = element(
      "table",
      {},
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, ...heads)),
      body,
    );
    document
      .getElementById(id)
      .replaceChildren(
        element(
          "div",
          { class: "tools" },
          element("label", {}, "Filter rows", filter),
          element("button", { type: "button", onclick: save }, "Save as CSV"),
        ),
        element(
          "div",
          { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
          table,
        ),
        count,
        more,
      );
  }

  function show(most) {
    limit = most;
    fill();
  }

  function sortBy(column) {
    const first = column.number ? -1 : 1;
    sorted = { column, direction: sorted.column === column ? -sorted.direction : first };
    fill();
    announce(`Sorted by ${column.name}, ${sorted.direction > 0 ? "ascending" : "descending"}`);
  }

  function wantedRows() {
    const wanted = filter.value.trim().toLocaleLowerCase();
    const holds = (row) =>
      shown.some((column) => textOf(column, row).toLocaleLowerCase().includes(wanted));
    const kept = rows.filter((row) => !wanted || holds(row));
    if (!sorted.column) return kept;
    const { key } = sorted.column;
    return kept.sort((a, b) => compare(key(a), key(b), sorted.direction));
  }

  function lineOf(row) {
    const cells = shown.map((column, i) =>
      element(
        i ? "td" : "th",
        { scope: i ? null : "row", class: styleOf(column) },
        column.cell ? column.cell(row) : textOf(column, row),
      ),
    );
    return element("tr", { "aria-current": isCurrent(row) ? "true" : null }, ...cells);
  }

  function fill() {
    const wanted = wantedRows();
    heads.forEach((head, i) => {
      head.hidden = !shown.includes(columns[i]);
      if (columns[i] !== sorted.column) head.removeAttribute("aria-sort");
      else head.setAttribute("aria-sort", sorted.direction > 0 ? "ascending" : "descending");
    });
    body.replaceChildren(...wanted.slice(0, limit).map(lineOf));
    const all = wanted.length === rows.length;
    count.textContent = all ? `${rows.length} rows` : `${wanted.length} of ${rows.length} rows`;
    more.hidden = wanted.length <= limit;
    more.textContent = `Show ${Math.min(FIRST_ROWS, wanted.length - limit)} more rows`;
  }

  function save() {
    const csv = csvOf([
      shown.map((column) => column.name),
      ...wantedRows().map((row) => shown.map((column) => textOf(column, row))),
    ]);
    const url = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
    download(file, url);
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }

  return (newRows) => {
    if (!body.isConnected) place();
    rows = newRows;
    // A column that says nothing of any row is left out.
    shown = columns.filter((column) => rows.some((row) => textOf(column, row) !== "–"));
    fill();
  };
}
