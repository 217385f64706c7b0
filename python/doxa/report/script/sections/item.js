// One item: its wording, the answers to it, the prompts that were sent and the replies.

import { drawChart } from "../shared/chart.js";
import { data } from "../shared/data.js";
import { details, element, figure } from "../shared/elements.js";
import { known, percent } from "../shared/format.js";
import { colourList } from "../shared/legend.js";
import { countryName } from "../shared/names.js";
import { selection } from "../shared/selection.js";

const { questions, languages, repliesLeftOut } = data.items;

export const wording = (item, language) => questions[item].wording[language];

const small = (text) => element("p", { class: "small" }, text);

// `people`, `model`, `prompts` and `replies` are as answers.js gives them.
export function drawItem(place, chosen) {
  const { item, country, conditionNumber, people, model, prompts, replies } = chosen;
  const { id, topic } = questions[item];
  const { language, label } = data.conditions[conditionNumber];
  const [peopleColour, modelColour] = data.config.range.category;
  const names = { people: `people in ${countryName(country)}`, model: "the model" };
  const options = optionNames(item, language);
  const chart = figure(
    "Shares of answers on the scale",
    colourList([
      [names.people, peopleColour],
      [`${selection.model}: ${label}`, modelColour],
    ]),
  );
  place.replaceChildren(
    element("h3", {}, `${id} · ${topic}`),
    ...wordingBlocks(item, language),
    small(aboutAnswers(item, country, people, model)),
    chart,
    shareTable(options, people, model, countryName(country)),
    ...promptBlocks(prompts, language),
    ...replyBlocks(replies, language),
  );
  return drawChart(chart, {
    kind: "distribution",
    rows: [
      ...barsOf("People", names.people, options, people),
      ...barsOf("Model", names.model, options, model),
    ],
    description: `Shares of answers to ${id} by ${names.people} and by the model`,
    adapt: (specification) => {
      specification.padding = { right: 34, left: 2, top: 4, bottom: 2 };
    },
  });
}

// In English where there is English; an option without a label goes by its code.
function optionNames(item, language) {
  const words = wording(item, "en") ?? wording(item, language);
  return questions[item].codes.map((code, i) => words?.labels[i] || String(code));
}

function wordingBlocks(item, language) {
  const english = wording(item, "en");
  const asked = language === "en" ? null : wording(item, language);
  const dir = directionOf(language);
  return [
    english && element("p", { class: "wording" }, english.text),
    asked && element("p", { lang: language, dir }, asked.text),
  ].filter(known);
}

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

const barsOf = (who, name, options, answer) =>
  (answer?.probabilities ?? []).map((share, i) => ({
    who,
    share,
    order: i,
    option: options[i],
    number: percent(share),
    detail: `${options[i]}\n${name}: ${percent(share)}`,
  }));

function shareTable(options, people, model, country) {
  const head = (scope, text) => element("th", { scope }, text);
  const number = (tag, text) => element(tag, { class: "number" }, text);
  const columnHead = (text) => element("th", { scope: "col", class: "number" }, text);
  const lines = options.map((option, i) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", dir: "auto" }, option),
      number("td", percent(people?.probabilities[i])),
      number("td", percent(model?.probabilities[i])),
    ),
  );
  return details(
    "Table: shares by option",
    {},
    element(
      "table",
      {},
      element("caption", {}, "Shares of answers by option"),
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          head("col", "Option"),
          columnHead(`People, ${country}`),
          columnHead("Model"),
        ),
      ),
      element("tbody", {}, ...lines),
    ),
  );
}

const directionOf = (language) => languages[language]?.direction ?? "auto";

// Shares by label run from left to right in every script: the browser would mirror the braces.
const OBJECT = /(\{[^{}]*\}?)/;
const isolated = (text) =>
  text
    .split(OBJECT)
    .map((part) => (OBJECT.test(part) ? element("bdi", { dir: "ltr" }, part) : part));

const written = (text, { lang, dir, kind }) =>
  element("pre", { tabindex: "0", lang, dir, class: kind }, ...isolated(text));

// A model may reply in another language than it was asked in: each line has its own direction.
const reply = (text, language) => written(text, { lang: language, dir: "auto", kind: "reply" });

function promptBlocks(prompts, lang) {
  const dir = directionOf(lang);
  const summary = ({ order }) =>
    prompts.length > 1 ? `Prompt as sent, options ${order}` : "Prompt as sent";
  return prompts.map((prompt) =>
    details(
      summary(prompt),
      { class: "prompt" },
      ...prompt.parts.flatMap(([name, text]) => [small(name), written(text, { lang, dir })]),
    ),
  );
}

function replyBlocks(replies, language) {
  if (!replies.length && repliesLeftOut) {
    const left = `This file leaves out ${repliesLeftOut.toLocaleString("en")} raw replies`;
    return [small(`${left} to stay small; the run’s store holds them.`)];
  }
  const withoutText =
    "No text: the probabilities of the options were read from the model directly.";
  return replies.flatMap((given) => [
    element("h4", {}, `Raw reply: ${aboutReply(given)}`),
    ...thoughtBlocks(given, language),
    given.text ? reply(given.text, language) : small(withoutText),
  ]);
}

function thoughtBlocks({ thought }, language) {
  if (!thought) return [];
  return [details("What the model thought first", { class: "prompt" }, reply(thought, language))];
}

function aboutReply(reply) {
  const parts = [
    data.statuses[reply.status] ?? reply.status,
    `options ${reply.option_order}`,
    `draw ${reply.draw}`,
  ];
  if (known(reply.off_option_mass)) {
    parts.push(`${percent(reply.off_option_mass)} of the mass off the options`);
  }
  if (data.thoughts[reply.thought_status]) {
    parts.push(`thought ${data.thoughts[reply.thought_status]}`);
  }
  return parts.join(", ");
}
