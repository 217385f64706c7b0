// The item explorer: the choice of an item, and the table of all.

import { picker, showControls, wayPicker } from "../shared/controls.js";
import { data } from "../shared/data.js";
import { element, paragraph } from "../shared/elements.js";
import { fixed, known } from "../shared/format.js";
import { countryCodes } from "../shared/names.js";
import { sortableTable } from "../shared/table.js";
import { alignmentOf } from "./alignment.js";
import { answersOf, askedWays, conditionOf, promptsFor, repliesTo } from "./answers.js";
import { drawItem, wording } from "./item.js";

const { questions } = data.items;
let item = 0;
let [country] = countryCodes;
let way = null;

const fillTable = sortableTable("item-table", {
  caption: "Items for the chosen country and way of asking",
  file: "items.csv",
  isCurrent: (row) => row.item === item,
  columns: [
    { name: "Item", key: (row) => row.id, cell: itemLink },
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

function itemLink(row) {
  const onclick = () => {
    openItem(row.item);
    document.getElementById("items").scrollIntoView();
  };
  return element("button", { type: "button", class: "link", onclick }, row.id);
}

function openItem(chosen) {
  item = chosen;
  return drawItems();
}

let turn = 0;

export async function drawItems() {
  turn += 1;
  const mine = turn;
  showItemControls();
  const conditionNumber = known(way) ? conditionOf(way, country) : null;
  const [{ people, model }, prompts, replies] = await Promise.all([
    answersOf(conditionNumber, country),
    promptsFor(item, conditionNumber),
    repliesTo(item, conditionNumber),
  ]);
  // The reader may have chosen something else meanwhile.
  if (mine !== turn) return;
  fillTable(
    questions.map((question, i) => ({
      item: i,
      id: question.id,
      topic: question.topic,
      text: wording(i, "en")?.text ?? "–",
      alignment: alignmentOf(question, people(i), model(i)),
    })),
  );
  const place = document.getElementById("item");
  if (!questions.length || !known(conditionNumber)) {
    place.replaceChildren(paragraph("No answers for this selection."));
    return;
  }
  await drawItem(place, {
    item,
    country,
    conditionNumber,
    people: people(item),
    model: model(item),
    prompts,
    replies,
  });
}

function showItemControls() {
  const ways = askedWays(country);
  if (!ways.includes(way)) [way] = ways;
  const names = questions.map(({ id, topic }, i) => [
    i,
    `${id} · ${wording(i, "en")?.text ?? topic}`,
  ]);
  const step = (label, by) => {
    const onclick = () => openItem((item + by + questions.length) % questions.length);
    return element("button", { type: "button", onclick }, label);
  };
  showControls(
    document.getElementById("item-controls"),
    picker("Item", names, item, openItem),
    picker("Country", Object.entries(data.countries), country, (chosen) => {
      country = chosen;
      drawItems();
    }),
    wayPicker(ways, way, (chosen) => {
      way = chosen;
      drawItems();
    }),
    step("Previous item", -1),
    step("Next item", 1),
  );
}
