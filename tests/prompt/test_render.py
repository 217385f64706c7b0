from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from doxa.errors import ExperimentError, QuestionnaireError
from doxa.prompt import (
    Condition,
    Prompt,
    examples_for,
    format_examples,
    render,
    shown_prompt,
)
from doxa.prompt.texts import texts
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.group_words import group_words
from doxa.survey import sample

BANK = QuestionBank.load()
HUMAN = sample()
SNAPSHOTS = Path(__file__).parent / "snapshots"
STEERINGS = ("none", "persona", "few-shot", "persona_few-shot", "time-6", "persona_time-6")
WRITE = "DOXA_WRITE_SNAPSHOTS"


def condition_of(language: str, steering: str, **fields: object) -> Condition:
    target = "JPN" if {"persona", "few-shot"} & set(steering.split("_")) else ""
    return Condition(language, steering, target, **fields)  # type: ignore[arg-type]


def rendered(item: str, condition: Condition) -> Prompt:
    examples = examples_for(condition, bank=BANK, human=HUMAN)
    return render(item, condition, bank=BANK, examples=examples)


@pytest.mark.parametrize("steering", STEERINGS)
@pytest.mark.parametrize("language", BANK.languages)
def test_every_item_renders(language: str, steering: str) -> None:
    condition = condition_of(language, steering)
    prompts = [rendered(item, condition) for item in BANK.items]
    assert len({prompt.system for prompt in prompts}) == 1
    assert len({prompt.user for prompt in prompts}) == len(prompts)
    for prompt in prompts:
        question = BANK.question(prompt.question, language)
        assert question.text in prompt.user
        assert prompt.codes == question.listed_codes
        assert all(label in prompt.user for label in question.labels)
        for elicitation in ("verbalized", "logprobs", "sampling", "sequence"):
            whole = prompt.plain(elicitation)
            assert not re.search(r"\{(?!\")\w", whole)
            assert whole.endswith(prompt.reply_starts[elicitation])


@pytest.mark.parametrize("language", BANK.languages)
def test_no_country_leaks_into_a_prompt_without_persona(language: str) -> None:
    names = BANK.language(language).countries
    for steering in ("none", "time-6", "few-shot"):
        for template in texts(BANK, language).instruction:
            condition = condition_of(language, steering, template=template)
            prompt = rendered("Q1", condition)
            for country in names.values():
                assert country.people not in prompt.plain("verbalized")
    conditions = [Condition(language, "few-shot", target) for target in ("JPN", "USA", "COL")]
    masked = {re.sub(r"\d+", "0", rendered("Q1", c).plain("logprobs")) for c in conditions}
    assert len(masked) == 1


@pytest.mark.parametrize("language", BANK.languages)
def test_a_persona_names_its_people(language: str) -> None:
    for code, country in BANK.language(language).countries.items():
        prompt = render("Q1", Condition(language, "persona", code), bank=BANK)
        assert prompt.system.count(country.people) == 1


@pytest.mark.parametrize("language", BANK.languages)
def test_snapshots_hold_a_sample(language: str) -> None:
    parts = []
    for steering, item in zip(
        STEERINGS, ("Q6", "Q122", "Q177", "Q119", "Q42", "Q111"), strict=True
    ):
        condition = condition_of(language, steering, n_examples=1)
        examples = examples_for(condition, bank=BANK, human=HUMAN)
        shown = shown_prompt(item, condition, bank=BANK, examples=examples)
        parts.append(f"=== {item}, {steering}\n{shown}\n")
    prompt = rendered("Q164", Condition(language, label_style="letters", n_examples=0))
    parts.append(f"=== Q164, letters, logprobs, base model\n{prompt.plain('logprobs')}\n")
    path = SNAPSHOTS / f"{language}.txt"
    text = "\n".join(parts)
    if WRITE in os.environ:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    command = f"{WRITE}=1 pytest tests/prompt -k snapshots"
    assert path.is_file(), f"no snapshot: write it with {command}"
    assert path.read_text(encoding="utf-8") == text, f"if this is meant: {command}"


@pytest.mark.parametrize("language", BANK.languages)
def test_a_persona_of_a_group_says_who_in_the_words_of_the_language(language: str) -> None:
    group = "sex=female,age=60+,education=higher"
    said = {}
    for target in ("", "JPN"):
        condition = Condition(language, "persona", target, group=group, n_examples=0)
        said[target] = rendered("Q1", condition).system.split("\n\n")[1]
        for name, value in group_words(BANK.language(language), group):
            listed = texts(BANK, language).characteristic.format(name=name, value=value)
            assert said[target].count(listed) == 1
        assert "{" not in said[target]
    people = BANK.language(language).countries["JPN"].people
    assert (said[""].count(people), said["JPN"].count(people)) == (0, 1)


def test_snapshots_hold_personas_of_groups() -> None:
    lines = []
    group = "sex=female,age=60+,marital_status=divorced, separated or widowed"
    for language in BANK.languages:
        lines.append(f"=== {language}")
        for target in ("", "JPN"):
            condition = Condition(language, "persona", target, group=group, n_examples=0)
            lines.append(rendered("Q1", condition).system.split("\n\n")[1])
    path, text = SNAPSHOTS / "groups.txt", "\n".join(lines) + "\n"
    if WRITE in os.environ:
        path.write_text(text, encoding="utf-8")
    command = f"{WRITE}=1 pytest tests/prompt -k snapshots"
    assert path.read_text(encoding="utf-8") == text, f"if this is meant: {command}"


@pytest.mark.parametrize("order", ["listed", "reversed", "seed:3", "rotated:1"])
@pytest.mark.parametrize("style", ["numbers", "letters"])
def test_labels_map_back_to_what_they_stand_for(order: str, style: str) -> None:
    condition = Condition("en", option_order=order, label_style=style)
    for item in ("Q1", "Q119", "Q122", "Q177", "Q42"):
        prompt = render(item, condition, bank=BANK)
        question = BANK.question(item, "en")
        shown = dict(
            line.split(": ", 1) for line in prompt.user.splitlines()[2:] if re.match(r"\w+: ", line)
        )
        for label, code in zip(prompt.labels, prompt.codes, strict=True):
            if code in question.item.labelled:
                assert shown[label] == question.label(code)


def test_without_examples_there_are_none() -> None:
    prompt = render("Q1", Condition("en", n_examples=0), bank=BANK)
    assert prompt.system == texts(BANK, "en").instruction["a"]
    assert {prompt.opening(elicitation) for elicitation in prompt.asks} == {prompt.system}


def test_examples_of_the_form_of_a_reply_follow_what_is_asked_for() -> None:
    prompt = render("Q1", Condition("en", n_examples=2), bank=BANK)
    openings = {name: prompt.opening(name) for name in prompt.asks}
    assert len(set(openings.values())) == 3
    assert openings["logprobs"] == openings["sampling"]
    assert all(opening.startswith(f"{prompt.system}\n\n") for opening in openings.values())


def test_peoples_answers_are_the_same_whatever_is_asked_for() -> None:
    prompt = rendered("Q1", Condition("en", "few-shot", "JPN", n_examples=2))
    assert {prompt.opening(name) for name in prompt.asks} == {prompt.system}
    assert re.findall(r"\((\d+)%\)", prompt.system)[:4] == ["19", "63", "17", "1"]


def test_paraphrases_change_the_instruction_alone() -> None:
    prompts = {t: render("Q1", Condition("en", template=t), bank=BANK) for t in ("a", "b", "c")}
    assert len({prompt.system for prompt in prompts.values()}) == 3
    assert len({p.opening("logprobs").removeprefix(p.system) for p in prompts.values()}) == 1
    assert len({prompt.user for prompt in prompts.values()}) == 1


def test_chat_and_base_models_get_the_same_words() -> None:
    prompt = render("Q1", Condition("en"), bank=BANK)
    system, user = prompt.messages("logprobs")
    assert (system["role"], user["role"]) == ("system", "user")
    assert system["content"] == prompt.opening("logprobs")
    assert prompt.plain("logprobs") == f"{system['content']}\n\n{user['content']}\nAnswer: "


def test_shown_prompt() -> None:
    condition = Condition("en", n_examples=0)
    shown = shown_prompt("Q57", condition, bank=BANK, elicitation="logprobs")
    assert shown.startswith("[system]\nThis is a survey")
    assert shown.endswith("[assistant]\nAnswer: ")
    plain = shown_prompt("Q57", condition, bank=BANK, elicitation="logprobs", chat=False)
    assert plain == render("Q57", condition, bank=BANK).plain("logprobs")
    with pytest.raises(ExperimentError, match="no elicitation 'telepathy'"):
        shown_prompt("Q57", condition, bank=BANK, elicitation="telepathy")


class TestErrors:
    def test_human_answers_never_reach_another_steering(self) -> None:
        few_shot = Condition("en", "few-shot", "JPN")
        examples = examples_for(few_shot, bank=BANK, human=HUMAN)
        with pytest.raises(ExperimentError, match="'none' shows made-up distributions"):
            render("Q1", Condition("en", n_examples=5), bank=BANK, examples=examples)
        with pytest.raises(ExperimentError, match="'few-shot' shows human answers"):
            render("Q1", few_shot, bank=BANK, examples=format_examples(BANK))

    def test_examples_are_as_many_as_wanted(self) -> None:
        with pytest.raises(ExperimentError, match="0 examples for a condition with 5"):
            render("Q1", Condition("en", "few-shot", "JPN"), bank=BANK)
        five = Condition("en", n_examples=5)
        with pytest.raises(ExperimentError, match="3 examples for a condition with 5"):
            render("Q1", five, bank=BANK, examples=format_examples(BANK, 3))

    def test_what_a_language_lacks(self) -> None:
        with pytest.raises(ExperimentError, match="no template 'z' in en: there are a, b, c"):
            render("Q1", Condition("en", template="z"), bank=BANK)
        with pytest.raises(
            QuestionnaireError, match=r"no country 'ATA' in .*en\.toml: write an alpha-3"
        ):
            render("Q1", Condition("en", "persona", "ATA"), bank=BANK)
        with pytest.raises(QuestionnaireError, match="no language 'tlh'"):
            render("Q1", Condition("tlh"), bank=BANK)


def test_conditions_make_prompts_that_differ_in_one_thing() -> None:
    base = Condition("en", "persona", "JPN")
    one = render("Q1", base, bank=BANK)
    other = render("Q1", replace(base, target="USA"), bank=BANK)
    assert one.user == other.user
    assert one.system != other.system
    assert one.system.replace("of Japan", "of the United States") == other.system
