"""What to ask whom: from names as people write them to a list of cells."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from doxa.backend import BACKENDS
from doxa.elicit import ELICITATIONS, Settings
from doxa.errors import ExperimentError
from doxa.prompt import PARTS, Condition, excluded_items, parse_steering

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    import polars as pl

    from doxa.question import QuestionBank

__all__ = ["Experiment", "ExperimentCell", "choose_items", "expand_steering"]

_SHARED_FIELDS = ("label_style", "n_examples")


class ExperimentCell(NamedTuple):
    """One thing to ask: an item, how it is put, how the answer is read, and which draw."""

    item: str
    condition: Condition
    elicitation: str
    draw: int


@dataclass(frozen=True, slots=True)
class Experiment:
    """What to ask which models.

    Parameters
    ----------
    models : tuple of str
        Paths of GGUF files, or what another backend takes.
    conditions : tuple of Condition
        The ways of putting an item. They agree in label style and number of examples,
        which are no columns of the replies.
    items : tuple of str
        Item ids.
    elicitations : tuple of str
        Keys of `doxa.elicit.ELICITATIONS`.
    settings : Settings
        The parameters of the elicitations.
    backend : str
        A key of `doxa.backend.BACKENDS`.
    parallel : int
        Prompts evaluated, or requests under way, side by side.
    server : str
        The server's address, for the backend ``"openai_server"``.

    Raises
    ------
    ExperimentError
        Something is empty, repeated, unknown or contradictory.

    Examples
    --------
    >>> experiment = Experiment(
    ...     ("model.gguf",), (Condition("en"),), ("Q1", "Q2"), ("logprobs", "verbalized")
    ... )
    >>> [(cell.item, cell.elicitation) for cell in experiment.cells()]
    [('Q1', 'logprobs'), ('Q1', 'verbalized'), ('Q2', 'logprobs'), ('Q2', 'verbalized')]
    """

    models: tuple[str, ...]
    conditions: tuple[Condition, ...]
    items: tuple[str, ...]
    elicitations: tuple[str, ...] = ("logprobs", "verbalized")
    settings: Settings = field(default_factory=Settings)
    backend: str = "llama_cpp"
    parallel: int = 1
    server: str = ""

    def __post_init__(self) -> None:
        for name in ("models", "conditions", "items", "elicitations"):
            values = getattr(self, name)
            if not values:
                raise ExperimentError(f"no {name}: name at least one")
            repeated = [value for value in values if values.count(value) > 1]
            if repeated:
                raise ExperimentError(f"{name}: {repeated[0]} is there twice")
        names = [Path(model).name for model in self.models]
        if self.backend == "llama_cpp" and len(set(names)) < len(names):
            raise ExperimentError(f"two models have the same file name: {', '.join(names)}")
        for elicitation in self.elicitations:
            if elicitation not in ELICITATIONS:
                raise ExperimentError(
                    f"no elicitation {elicitation!r}: there are {', '.join(ELICITATIONS)}"
                )
        for name in _SHARED_FIELDS:
            if len({getattr(condition, name) for condition in self.conditions}) > 1:
                raise ExperimentError(f"conditions differ in {name}: make it one run for each")
        if self.backend not in BACKENDS:
            raise ExperimentError(f"no backend {self.backend!r}: there are {', '.join(BACKENDS)}")
        if self.parallel < 1:
            raise ExperimentError(f"parallel = {self.parallel}: give 1 or more")

    @classmethod
    def from_grid(
        cls,
        models: Sequence[str],
        *,
        bank: QuestionBank,
        human: pl.DataFrame | None = None,
        languages: Sequence[str] = ("en",),
        steering: Sequence[str] = ("none",),
        targets: Sequence[str] = (),
        items: Sequence[str] | int | None = None,
        elicitations: Sequence[str] = ("logprobs", "verbalized"),
        wave: int = 7,
        templates: Sequence[str] = ("a",),
        option_orders: Sequence[str] = ("listed",),
        label_style: str = "numbers",
        n_examples: int = 5,
        settings: Settings | None = None,
        backend: str = "llama_cpp",
        parallel: int = 1,
        server: str = "",
    ) -> Experiment:
        """Return the experiment that crosses languages, steerings and targets.

        Parameters
        ----------
        models, elicitations, settings, backend, parallel, server
            As for the class.
        bank : QuestionBank
            The questionnaire.
        human : polars.DataFrame, optional
            Human counts; needed for few-shot steering.
        languages : sequence of str
            Prompt languages, for steerings without ``language``.
        steering : sequence of str
            As `expand_steering` takes them.
        targets : sequence of str
            Alpha-3 codes of the countries steered towards.
        items : sequence of str, int or None
            Item ids; or how many, spread over the questionnaire's topics; or all that have
            wording in every language used. Items that prompts show as examples are left out
            of the latter two.
        wave, templates, option_orders, label_style, n_examples
            As in `doxa.prompt.Condition`; one condition for each template and order.

        Raises
        ------
        ExperimentError
            Names are unknown, or do not fit together.
        """
        conditions = tuple(
            dict.fromkeys(
                Condition(language, name, target, wave, template, order, label_style, n_examples)
                for kind in steering
                for language, name, target in expand_steering(
                    kind, languages=languages, targets=targets, bank=bank
                )
                for template in templates
                for order in option_orders
            )
        )
        return cls(
            tuple(models),
            conditions,
            choose_items(items, conditions, bank=bank, human=human),
            tuple(elicitations),
            settings or Settings(),
            backend,
            parallel,
            server,
        )

    @classmethod
    def from_toml(
        cls,
        path: str | os.PathLike[str],
        *,
        bank: QuestionBank,
        human: pl.DataFrame | None = None,
    ) -> Experiment:
        """Read an experiment file.

        The file has the keys `models`, `elicitations`, `items`, `backend`, `parallel`, `server`,
        a table ``[settings]``, and either ``[[conditions]]`` with the fields of `Condition`, or
        the keys of `from_grid` that make conditions. Paths of models are relative to the
        file's folder.

        Raises
        ------
        ExperimentError
            The file cannot be read, has unknown keys, or makes no sense.
        """
        file = Path(path)
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ExperimentError(f"{file} cannot be read: {reason}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ExperimentError(f"{file} is not TOML: {error}") from None
        try:
            return cls._from_table(table, file.parent, bank, human)
        except TypeError as error:
            # a key that no parameter has, or a value of the wrong kind
            raise ExperimentError(f"{file}: {str(error).split('() ')[-1]}") from None
        except ExperimentError as error:
            raise ExperimentError(f"{file}: {error}") from None

    @classmethod
    def _from_table(
        cls, table: dict[str, Any], folder: Path, bank: QuestionBank, human: pl.DataFrame | None
    ) -> Experiment:
        values = dict(table)
        if "models" not in values:
            raise ExperimentError("no models: name at least one")
        if values.get("backend", "llama_cpp") == "llama_cpp":
            values["models"] = [str(folder / model) for model in values["models"]]
        if "settings" in values:
            values["settings"] = Settings(**values["settings"])
        written = values.pop("conditions", None)
        if written is None:
            return cls.from_grid(**values, bank=bank, human=human)
        conditions = tuple(Condition(**condition) for condition in written)
        values["models"] = tuple(values["models"])
        values["items"] = choose_items(values.get("items"), conditions, bank=bank, human=human)
        if "elicitations" in values:
            values["elicitations"] = tuple(values["elicitations"])
        return cls(conditions=conditions, **values)

    def to_toml(self) -> str:
        """Return the experiment as a file that `from_toml` reads, every condition written out.

        Examples
        --------
        >>> print(Experiment(("m.gguf",), (Condition("en"),), ("Q1",)).to_toml().splitlines()[0])
        models = ["m.gguf"]
        """
        lines = [
            f"{name} = {_toml(getattr(self, name))}"
            for name in ("models", "items", "elicitations", "backend", "parallel", "server")
        ]
        lines += ["", "[settings]"]
        lines += [
            f"{entry.name} = {_toml(getattr(self.settings, entry.name))}"
            for entry in fields(self.settings)
        ]
        for condition in self.conditions:
            lines += ["", "[[conditions]]"]
            lines += [
                f"{entry.name} = {_toml(getattr(condition, entry.name))}"
                for entry in fields(condition)
            ]
        return "\n".join(lines) + "\n"

    def cells(self) -> Iterator[ExperimentCell]:
        """Yield what to ask each model: by condition, then item, elicitation and draw."""
        for condition in self.conditions:
            for item in self.items:
                for elicitation in self.elicitations:
                    draws = self.settings.draws if ELICITATIONS[elicitation].repeats else 1
                    for draw in range(draws):
                        yield ExperimentCell(item, condition, elicitation, draw)


def expand_steering(
    name: str, *, languages: Sequence[str], targets: Sequence[str], bank: QuestionBank
) -> list[tuple[str, str, str]]:
    """Return the (language, steering, target) triples that a name stands for.

    Parameters
    ----------
    name : str
        ``"none"``; or parts joined by "_", as `doxa.prompt.parse_steering` reads them, with
        ``language`` in front for prompts in each target's own languages instead of
        `languages`. ``"language"`` alone is no steering in the targets' languages.
    languages, targets : sequence of str
        Prompt languages, and alpha-3 codes of the countries steered towards.
    bank : QuestionBank
        The questionnaire: it knows which languages a country was interviewed in.

    Raises
    ------
    ExperimentError
        The name, a language or a target is unknown; a target is needed; or a target's
        languages have no wording.

    Examples
    --------
    >>> from doxa.question import QuestionBank
    >>> bank = QuestionBank.load()
    >>> expand_steering("language_persona", languages=["en"], targets=["JPN"], bank=bank)
    [('ja', 'persona', 'JPN')]
    >>> expand_steering("none", languages=["en", "ja"], targets=[], bank=bank)
    [('en', 'none', ''), ('ja', 'none', '')]
    """
    for language in languages:
        if language not in bank.languages:
            raise ExperimentError(
                f"no language {language!r}: there are {', '.join(bank.languages)}"
            )
    first, _, rest = name.partition("_")
    own = first == "language"
    parts = (rest or "none") if own else name
    targeted = any(PARTS[part].targeted for part in parse_steering(parts)[0])
    if not (own or targeted):
        return [(language, parts, "") for language in languages]
    if not targets:
        raise ExperimentError(f"steering {name!r} needs targets: name countries, such as JPN")
    triples = []
    for target in targets:
        if target not in bank.countries:
            raise ExperimentError(f"no country {target!r}: write its alpha-3 code, such as JPN")
        spoken = _own_languages(target, bank) if own else languages
        triples += [(language, parts, target if targeted else "") for language in spoken]
    return list(dict.fromkeys(triples))


def choose_items(
    items: Sequence[str] | int | None,
    conditions: Sequence[Condition],
    *,
    bank: QuestionBank,
    human: pl.DataFrame | None = None,
) -> tuple[str, ...]:
    """Return the items to ask under some conditions.

    Parameters
    ----------
    items : sequence of str, int or None
        As for `Experiment.from_grid`.
    conditions : sequence of Condition
        All conditions of the experiment: every item is asked in each.
    bank : QuestionBank
        The questionnaire.
    human : polars.DataFrame, optional
        Human counts; needed for few-shot steering.

    Raises
    ------
    ExperimentError
        An item is unknown, has no wording in a language, or is shown as an example.

    Examples
    --------
    >>> from doxa.question import QuestionBank
    >>> len(choose_items(40, [Condition("en"), Condition("ja")], bank=QuestionBank.load()))
    40
    """
    examples = excluded_items(conditions, bank=bank, human=human)
    languages = dict.fromkeys(condition.language for condition in conditions)
    worded = [set(bank.items_for(language)) for language in languages]
    usable = set(bank.items).intersection(*worded) - examples
    if isinstance(items, int):
        if 1 <= items <= len(usable):
            return bank.spread(items, among=usable)
        raise ExperimentError(f"items = {items}: {len(usable)} can be asked in these conditions")
    for item in items or ():
        if item not in bank.items:
            raise ExperimentError(f"no item {item!r}: items are named like Q1")
        if item in examples:
            raise ExperimentError(
                f"item {item} is shown as an example in the prompts: leave it out, or set "
                "n_examples = 0"
            )
        if item not in usable:
            raise ExperimentError(f"item {item} has no wording in all of {', '.join(languages)}")
    if items is None:
        return tuple(item for item in bank.items if item in usable)
    return tuple(items)


def _own_languages(target: str, bank: QuestionBank) -> list[str]:
    country = bank.countries[target]
    spoken = [language for language in country.languages if language in bank.languages]
    if not spoken:
        raise ExperimentError(
            f"the questionnaire has none of the languages of {country.name} "
            f"({', '.join(country.languages)})"
        )
    return spoken


def _toml(value: object) -> str:
    # a JSON string, number, boolean or list of strings is TOML too
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
