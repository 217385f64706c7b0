// One item's answers everywhere: the model's by language and by form, then people's by country.

import { optionColours, stackedBar } from "../shared/bars.js";
import { announce, element, figure } from "../shared/elements.js";
import { fixed, known } from "../shared/format.js";
import { colourList } from "../shared/legend.js";
import { countryName } from "../shared/names.js";
import { alignmentOf } from "./alignment.js";

let sorted = { by: "alignment", direction: -1 };

// Means are of the codes shown, unless the positions are spaced otherwise.
function axisOf({ kind, codes, positions }) {
  if (kind === "nominal") return null;
  const apart = new Set(positions.map((position, i) => position - codes[i]));
  return apart.size === 1 ? codes : positions;
}

const meanOf = (axis, shares) => axis && shares.reduce((sum, share, i) => sum + share * axis[i], 0);

/* `everyone` maps countries to their answers or null; `ways` are {name, answer, kind} of the model;
   `choose` gets the country that the reader points out. */
export function peopleFigure({ question, options, everyone, country, model, ways, choose }) {
  const axis = axisOf(question);
  const colours = optionColours(question);
  const row = (answer, beside, more) => ({
    ...more,
    shares: answer.probabilities,
    mean: meanOf(axis, answer.probabilities),
    alignment: alignmentOf(question, answer, beside),
  });
  const asked = [...everyone].filter(([, answer]) => answer);
  const rows = asked.map(([code, answer]) => row(answer, model, { code, name: countryName(code) }));
  const chosen = everyone.get(country);
  const missing = [...everyone].filter(([, answer]) => !answer).map(([code]) => countryName(code));
  const body = element("tbody");
  const heads = [
    ["name", "Country", null],
    ["shares", "Shares of answers on the scale", null],
    axis && ["mean", "Mean", "number"],
    ["alignment", "Alignment", "number"],
  ].filter(Boolean);

  const cellsOf = (one, head) => [
    head,
    element("td", {}, stackedBar(one.shares, { options, colours, numbers: one.wide })),
    axis && element("td", { class: "number" }, fixed(one.mean, 2)),
    element("td", { class: "number" }, fixed(one.alignment, 2)),
  ];
  function lineOf(one) {
    const current = one.code === country;
    const button = element(
      "button",
      { type: "button", class: "link", onclick: () => choose(one.code) },
      one.name,
    );
    const head = element("th", { scope: "row" }, button);
    const attributes = { "aria-current": current ? "true" : null };
    return element("tr", attributes, ...cellsOf({ ...one, wide: current }, head));
  }
  function fill() {
    const { by, direction } = sorted;
    const compare = (a, b) =>
      by === "name" ? a.name.localeCompare(b.name, "en") : (a[by] ?? 0) - (b[by] ?? 0);
    rows.sort((a, b) => direction * compare(a, b));
    body.replaceChildren(...rows.map(lineOf));
    for (const head of table.tHead.rows[0].cells) {
      if (head.dataset.by !== by) head.removeAttribute("aria-sort");
      else head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    }
  }
  function sortBy(by, name) {
    const first = by === "alignment" ? -1 : 1;
    sorted = { by, direction: sorted.by === by ? -sorted.direction : first };
    fill();
    announce(`Sorted by ${name}, ${sorted.direction > 0 ? "ascending" : "descending"}`);
  }
  const headOf = ([by, name, style]) =>
    by === "shares"
      ? element("th", { scope: "col", class: "wide" }, name)
      : element(
          "th",
          { scope: "col", class: style, "data-by": by },
          element("button", { type: "button", onclick: () => sortBy(by, name) }, name),
        );
  const own = ways.map(({ name, answer, kind }) => {
    const head = element("th", { scope: "row", class: kind }, name);
    return element(
      "tr",
      { class: "own" },
      ...cellsOf(row(answer, chosen, { wide: kind !== "form" }), head),
    );
  });
  const table = element(
    "table",
    { class: "stacks" },
    element("thead", {}, element("tr", {}, ...heads.map(headOf))),
    own.length ? element("tbody", {}, ...own) : null,
    body,
  );
  if (sorted.by === "mean" && !axis) sorted = { by: "alignment", direction: -1 };
  fill();
  const scroller = element(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Answers by country" },
    table,
  );
  const left = missing.length ? `Not asked, or not known, in ${missing.join(", ")}.` : null;
  return figure(
    "Who answers like this?",
    element(
      "p",
      { class: "small" },
      `The model’s answers first, with their alignment with people in ${countryName(country)}; then `,
      "people’s in each country, with their alignment with the model’s first line. Choose a country ",
      "to hold the model beside it.",
    ),
    colourList(options.map((option, i) => [option, colours[i].fill])),
    scroller,
    known(left) ? element("p", { class: "small" }, left) : null,
  );
}
