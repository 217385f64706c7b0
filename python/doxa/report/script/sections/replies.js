// What was sent for an item, what the model thought, and what it replied.

import { data } from "../shared/data.js";
import { details, element } from "../shared/elements.js";
import { known, percent } from "../shared/format.js";

const { forms, repliesLeftOut } = data.items;

const small = (text) => element("p", { class: "small" }, text);

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

export function promptBlocks(prompts, lang, dir) {
  return prompts.map(({ form, parts }) =>
    details(
      form ? `Prompt as sent: ${form}` : "Prompt as sent",
      { class: "prompt" },
      ...parts.flatMap(([name, text]) => [small(name), written(text, { lang, dir })]),
    ),
  );
}

export function replyBlocks(replies, language) {
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
    forms[reply.form],
    `draw ${reply.draw}`,
  ].filter(Boolean);
  if (known(reply.off_option_mass)) {
    parts.push(`${percent(reply.off_option_mass)} of the mass off the options`);
  }
  if (data.thoughts[reply.thought_status]) {
    parts.push(`thought ${data.thoughts[reply.thought_status]}`);
  }
  return parts.join(", ");
}
