// The items: where model and people differ most, the choice of an item, and the table of all.

import { picker, showControls, wayPicker } from "../shared/controls.js";
import { data } from "../shared/data.js";
import { element, paragraph } from "../shared/elements.js";
import { fixed, known } from "../shared/format.js";
import { countryCodes, countryName } from "../shared/names.js";
import { selection, shownAlignment } from "../shared/selection.js";
import { sortableTable } from "../shared/table.js";
import { alignmentOf } from "./alignment.js";
import {
  askedWays,
  conditionOf,
  everyone,
  formsOf,
  promptsFor,
  repliesTo,
  ways,
} from "./answers.js";
import { drawDifferences } from "./differ.js";
import { address, drawItem, optionNames, wording } from "./item.js";
import { searchField } from "./search.js";

const { questions } = data.items;
const byAddress = new Map(questions.map((_, i) => [address(i), i]));
const addressed = () => byAddress.get(location.hash) ?? null;
export const opensAtItem = known(addressed());
let item = null;
// The way of asking: that of the whole page, until another is chosen here.
let way = null;
let wayOfPage = null;
// The addressed item that the reader was brought to.
let arrived = null;

const textOf = (i) => wording(i, "en")?.text ?? questions[i].topic;
const nameOf = (i) => `${questions[i].id} · ${textOf(i)}`;

const fillTable = sortableTable("item-table", {
  caption: "Items for the chosen country and way of asking",
  file: "items.csv",
  isCurrent: (row) => row.item === item,
  columns: [
    {
      name: "Item",
      key: (row) => row.id,
      cell: (row) => element("a", { href: address(row.item) }, row.id),
    },
    {
      name: "Alignment",
      key: (row) => row.alignment,
      text: (row) => fixed(row.alignment, 2),
      number: true,
    },
    { name: "Question", key: (row) => row.text },
    { name: "Topic", key: (row) => row.topic },
  ],
});

let turn = 0;

export async function drawItems() {
  turn += 1;
  const mine = turn;
  const country = selection.country ?? closest();
  const asked = askedWays(country);
  if (selection.way !== wayOfPage) way = wayOfPage = selection.way;
  if (!asked.includes(way)) [way] = asked;
  const place = document.getElementById("item");
  const conditionNumber = known(way) ? conditionOf(way, country) : null;
  if (!questions.length || !known(conditionNumber)) {
    place.replaceChildren(paragraph("No answers for this selection."));
    return;
  }
  const [people, models] = await Promise.all([everyone(), ways()]);
  const nobody = () => null;
  const model = models.get(conditionNumber) ?? nobody;
  const own = people.get(country) ?? nobody;
  const rows = questions.map((question, i) => ({
    item: i,
    id: question.id,
    question,
    topic: question.topic,
    text: textOf(i),
    options: optionNames(i, data.conditions[conditionNumber].language),
    people: own(i),
    model: model(i),
    alignment: alignmentOf(question, own(i), model(i)),
  }));
  item = addressed() ?? item ?? furthest(rows);
  const [prompts, replies, forms] = await Promise.all([
    promptsFor(item, conditionNumber),
    repliesTo(item, conditionNumber),
    formsOf(item, conditionNumber),
  ]);
  // The reader may have chosen something else meanwhile.
  if (mine !== turn) return;
  showItemControls(asked, country);
  drawDifferences(document.getElementById("differences"), rows, countryName(country));
  fillTable(rows);
  drawItem(place, {
    item,
    country,
    conditionNumber,
    people: own(item),
    model: model(item),
    everyone: new Map(countryCodes.map((code) => [code, people.get(code)?.(item) ?? null])),
    elsewhere: elsewhere(models, conditionNumber),
    forms,
    prompts,
    replies,
    choose: chooseCountry,
  });
  if (addressed() !== arrived) goToItem();
}

function closest() {
  const best = shownAlignment().reduce((a, b) => (b.estimate > (a?.estimate ?? 0) ? b : a), null);
  return best?.country ?? countryCodes[0];
}

const furthest = (rows) => {
  const scored = rows.filter((row) => known(row.alignment));
  return scored.sort((a, b) => a.alignment - b.alignment)[0]?.item ?? 0;
};

// The same way of asking in other languages: pairs of a language and its answer.
function elsewhere(models, conditionNumber) {
  const keys = ["steering", "target", "group", "reasoning"];
  const chosen = data.conditions[conditionNumber];
  const alike = (one) => one !== chosen && keys.every((key) => one[key] === chosen[key]);
  return [...models]
    .filter(([number]) => alike(data.conditions[number]))
    .map(([number, answers]) => [data.conditions[number].language, answers(item)])
    .filter(([, answer]) => answer);
}

const chooseCountry = (chosen) =>
  document.dispatchEvent(new CustomEvent("country", { detail: chosen }));

function showItemControls(asked, country) {
  const step = (label, by) => {
    const next = (item + by + questions.length) % questions.length;
    return element("a", { class: "button", href: address(next) }, label);
  };
  showControls(
    document.getElementById("item-controls"),
    step("← Previous item", -1),
    element("span", { class: "place" }, `${item + 1} of ${questions.length}`),
    step("Next item →", 1),
    picker("Country", Object.entries(data.countries), country, chooseCountry),
    wayPicker(asked, way, (chosen) => {
      way = chosen;
      drawItems();
    }),
  );
}

const open = (i) => {
  location.hash = address(i);
};
document.getElementById("item-search").append(searchField(nameOf, open));

addEventListener("hashchange", () => {
  if (known(addressed())) drawItems();
  else arrived = null;
});

// Moves to the addressed item, unless its beginning can be seen already.
function goToItem() {
  arrived = addressed();
  const controls = document.getElementById("item-controls");
  const { top } = controls.getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) controls.scrollIntoView({ behavior: "instant" });
  if (document.activeElement.closest("#item-controls")) return;
  document.querySelector("#item h3").focus({ preventScroll: true });
}
