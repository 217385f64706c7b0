// Where the model and people differ most: topics, then items.

import { plainBar, stackedBar, optionColours } from "../shared/bars.js";
import { data } from "../shared/data.js";
import { element, figure } from "../shared/elements.js";
import { fixed, known } from "../shared/format.js";
import { address } from "./item.js";

const MOST_ITEMS = 10;
let topic = null;

// `rows` hold {item, id, question, topic, text, options, people, model, alignment}; `who` names the people.
export function drawDifferences(place, rows, who) {
  const scored = rows.filter((row) => known(row.alignment));
  const topics = byTopic(scored);
  if (!topics.some(({ name }) => name === topic)) topic = null;
  const redraw = (chosen) => {
    topic = chosen === topic ? null : chosen;
    drawDifferences(place, rows, who);
    place.querySelector(`[data-topic="${CSS.escape(chosen)}"]`)?.focus();
  };
  const shown = scored
    .filter((row) => !topic || row.topic === topic)
    .sort((a, b) => a.alignment - b.alignment)
    .slice(0, MOST_ITEMS);
  place.replaceChildren(
    figure(`Topics by distance from people in ${who}`, topicList(topics, redraw)),
    figure(
      topic ? `Items that differ most, of ${topic}` : "Items that differ most",
      element("ol", { class: "differ" }, ...shown.map((row) => itemLine(row, who))),
    ),
  );
}

function byTopic(rows) {
  const groups = Map.groupBy(rows, (row) => row.topic);
  const mean = (part) => part.reduce((sum, row) => sum + 1 - row.alignment, 0) / part.length;
  return [...groups]
    .map(([name, part]) => ({ name, n: part.length, distance: mean(part) }))
    .sort((a, b) => b.distance - a.distance);
}

function topicList(topics, choose) {
  const most = Math.max(...topics.map(({ distance }) => distance), 0.01);
  const [, , colour] = data.config.range.category;
  const lines = topics.map(({ name, n, distance }) =>
    element(
      "li",
      {},
      element(
        "button",
        {
          type: "button",
          class: "link",
          "aria-pressed": String(name === topic),
          "data-topic": name,
          onclick: () => choose(name),
        },
        `${name} (${n})`,
      ),
      plainBar(distance, most, colour),
      element("span", { class: "amount" }, fixed(distance, 2)),
    ),
  );
  return element("ul", { class: "lengths" }, ...lines);
}

function itemLine({ item, id, question, text, options, people, model, alignment }, who) {
  const colours = optionColours(question);
  const bar = (name, answer) => [
    element("span", { class: "who" }, name),
    stackedBar(answer.probabilities, { options, colours }),
  ];
  return element(
    "li",
    {},
    element("a", { href: address(item) }, `${id} · ${text}`),
    element("span", { class: "amount" }, fixed(1 - alignment, 2)),
    element("span", { class: "pair" }, ...bar(who, people), ...bar("Model", model)),
  );
}
