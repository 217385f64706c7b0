// One item: its wording, the answers to it, and what was sent and replied.

import { plainBar } from "../shared/bars.js";
import { data } from "../shared/data.js";
import { element, figure } from "../shared/elements.js";
import { known, percent } from "../shared/format.js";
import { colourList } from "../shared/legend.js";
import { countryName } from "../shared/names.js";
import { selection } from "../shared/selection.js";
import { peopleFigure } from "./people.js";
import { promptBlocks, replyBlocks } from "./replies.js";

const { questions, languages } = data.items;

// The address of an item within the page, as in page.html#item=Q6.
export const address = (item) => `#item=${encodeURIComponent(questions[item].id)}`;

export const wording = (item, language) => questions[item].wording[language];

const small = (text) => element("p", { class: "small" }, text);
const languageName = (code) => data.languages[code] ?? code;

// `people`, `model`, `everyone`, `prompts` and `replies` are as answers.js gives them.
export function drawItem(place, chosen) {
  const { item, country, conditionNumber, people, model, prompts, replies } = chosen;
  const { id, topic } = questions[item];
  const { language } = data.conditions[conditionNumber];
  const options = optionNames(item, language);
  place.replaceChildren(
    element("h3", { tabindex: "-1", id: address(item).slice(1) }, `${id} · ${topic}`),
    wordingBlocks(item, language),
    small(aboutAnswers(item, country, people, model)),
    sharesFigure(options, chosen),
    peopleFigure({
      ...chosen,
      question: questions[item],
      options,
      ways: waysOf(chosen, languageName(language)),
    }),
    ...promptBlocks(prompts, language, directionOf(language)),
    ...replyBlocks(replies, language),
  );
}

// The model's answers: in the chosen way, in other languages, and in each form.
function waysOf({ model, elsewhere, forms }, language) {
  if (!model) return [];
  return [
    { name: `Model · ${language}`, answer: model, kind: "chosen" },
    ...forms.map(([name, probabilities]) => ({ name, answer: { probabilities }, kind: "form" })),
    ...elsewhere.map(([code, answer]) => ({
      name: `Model · ${languageName(code)}`,
      answer,
      kind: null,
    })),
  ];
}

// In English where there is English; an option without a label goes by its code.
export function optionNames(item, language) {
  const words = wording(item, "en") ?? wording(item, language);
  return questions[item].codes.map((code, i) => words?.labels[i] || String(code));
}

// English, and beside it the language in which the model was asked, with the options of both.
function wordingBlocks(item, language) {
  const shown = [...new Set(["en", language])].filter((code) => wording(item, code));
  const block = (code) => {
    const { text, labels, doubts } = wording(item, code);
    const dir = directionOf(code);
    const written = labels.filter(Boolean);
    return element(
      "div",
      {},
      element("p", { class: "small" }, languageName(code)),
      element("p", { class: "wording", lang: code, dir }, text),
      written.length
        ? element("ol", { class: "options", lang: code, dir }, ...optionLines(item, labels))
        : null,
      doubts ? small(`The wording is uncertain: ${doubts.join("; ")}.`) : null,
    );
  };
  return element("div", { class: "wordings" }, ...shown.map(block));
}

const optionLines = (item, labels) =>
  questions[item].codes.map((code, i) =>
    element("li", {}, labels[i] && labels[i] !== String(code) ? `${code} ${labels[i]}` : code),
  );

function aboutAnswers(item, country, people, model) {
  const name = countryName(country);
  const parts = [`${questions[item].kind} scale`];
  if (people) parts.push(...aboutPeople(people.n, name));
  else parts.push(`not asked in ${name}`);
  if (people?.beside) {
    parts.push(`${percent(people.beside)} of people gave an answer beside the scale`);
  }
  if (model?.beside) {
    parts.push(`${percent(model.beside)} of the model’s mass lay beside the scale`);
  }
  if (model) parts.push(`${model.n} ${model.n === 1 ? "reply" : "replies"}`);
  else parts.push("no usable reply");
  return parts.join(" · ");
}

// Python packs the number of respondents with two marks: 2 for published shares, 1 for unweighted.
function aboutPeople(packed, name) {
  const n = (packed >> 2).toLocaleString("en");
  const sample = packed >> 2 ? `a sample of ${n}` : "a sample of unknown size";
  const said =
    packed & 2
      ? `published shares of ${name}, rounded, from ${sample}`
      : `${n} people answered in ${name}`;
  return packed & 1 ? [said, "not weighted"] : [said];
}

// A line for each option, with a bar and a number of people and of the model.
function sharesFigure(options, { country, conditionNumber, people, model }) {
  const [peopleColour, modelColour] = data.config.range.category;
  const both = [
    [people?.probabilities, peopleColour],
    [model?.probabilities, modelColour],
  ];
  const most = Math.max(0.01, ...both.flatMap(([shares]) => shares ?? []));
  const cells = (i) =>
    both.flatMap(([shares, colour]) => [
      element(
        "td",
        { class: "wide" },
        known(shares?.[i]) ? plainBar(shares[i], most, colour) : null,
      ),
      element("td", { class: "number" }, percent(shares?.[i])),
    ]);
  const lines = options.map((option, i) =>
    element("tr", {}, element("th", { scope: "row", dir: "auto" }, option), ...cells(i)),
  );
  const head = (text) => element("th", { scope: "col", colspan: "2" }, text);
  return figure(
    "Shares of answers on the scale",
    colourList([
      [`people in ${countryName(country)}`, peopleColour],
      [`${selection.model}: ${data.conditions[conditionNumber].label}`, modelColour],
    ]),
    element(
      "table",
      { class: "shares" },
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          element("th", { scope: "col" }, "Option"),
          head(`People, ${countryName(country)}`),
          head("Model"),
        ),
      ),
      element("tbody", {}, ...lines),
    ),
  );
}

const directionOf = (language) => languages[language]?.direction ?? "auto";
