"""Experiments: the questions to ask, and the models to ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doxa.backend import BACKENDS, Engine
from doxa.backend.named import is_name
from doxa.elicit import ELICITATIONS, ElicitationSettings
from doxa.errors import ExperimentError
from doxa.files import reason
from doxa.outside.documents import toml_of
from doxa.prompt import OFF, Allowed, Condition, form_of
from doxa.run.cluster import Cluster
from doxa.run.combination import Combination, alike_elicitations
from doxa.run.forms import drawn_forms, drawn_lines, expand_forms
from doxa.run.grid import choose_items
from doxa.run.keys import GRID, KEYS, checked, made, toml_lines
from doxa.run.personas import ways_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    import polars as pl

    from doxa.prompt import Form
    from doxa.questionnaire import QuestionBank

__all__ = ["Experiment"]

_MOST = 1_000_000
"""The most requests of one process to a model: all of them are held in memory at once."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """The questions to ask, and the models to ask.

    Parameters
    ----------
    models : tuple of str
        GGUF files, as `doxa.backend.named.locate` takes them; or the names of models on a server or
        in a recording.
    conditions : tuple of Condition
        The ways of asking an item. Those that show people's answers have the same number of
        examples, and so have the others, because the replies have no column for it.
    items : tuple of str
        Item ids.
    elicitations : tuple of str
        Keys of `doxa.elicit.ELICITATIONS`.
    settings : ElicitationSettings
        The parameters of the elicitations.
    engine : Engine
        The backend that runs the models.
    cluster : Cluster, optional
        The machines that are asked, for `doxa.cluster.asking.ask`. The replies do not depend on
        it, so it is not saved with a run, and two experiments that differ in it are equal.
    drawn : tuple of tuple of Form
        For each item the forms that it is asked in; empty if all items are asked in all conditions.
    forms_seed : int
        The seed that they were drawn with.

    Raises
    ------
    ExperimentError
        A field is empty, or a value is repeated, unknown or contradicts another.

    Examples
    --------
    >>> experiment = Experiment(
    ...     ("model.gguf",), (Condition("en"),), ("Q1", "Q2"), ("logprobs", "verbalized")
    ... )
    >>> [(asked.item, asked.elicitation) for asked in experiment.combinations()]
    [('Q1', 'logprobs'), ('Q1', 'verbalized'), ('Q2', 'logprobs'), ('Q2', 'verbalized')]
    """

    models: tuple[str, ...]
    conditions: tuple[Condition, ...]
    items: tuple[str, ...]
    elicitations: tuple[str, ...] = ("logprobs", "verbalized")
    settings: ElicitationSettings = field(default_factory=ElicitationSettings)
    engine: Engine = field(default_factory=Engine)
    cluster: Cluster | None = field(default=None, compare=False)
    drawn: tuple[tuple[Form, ...], ...] = field(default=(), repr=False)
    forms_seed: int = 0

    def __post_init__(self) -> None:
        for name in ("models", "conditions", "items", "elicitations"):
            values = getattr(self, name)
            if not values:
                raise ExperimentError(f"no {name}: name at least one")
            repeated = [value for value in values if values.count(value) > 1]
            if repeated:
                raise ExperimentError(f"{name}: {repeated[0]} is there twice")
        names = [Path(model).name for model in self.models if not is_name(model)]
        if BACKENDS[self.engine.backend].files and len(set(names)) < len(names):
            raise ExperimentError(f"two models have the same file name: {', '.join(names)}")
        for elicitation in self.elicitations:
            if elicitation not in ELICITATIONS:
                raise ExperimentError(
                    f"no elicitation {elicitation!r}: there are {', '.join(ELICITATIONS)}"
                )
            listed = ELICITATIONS[elicitation]
            if self.settings.temperature == 0 and (listed.repeats or listed.lists):
                raise ExperimentError(
                    f"temperature = 0 and {elicitation}, which draws answers: give a temperature "
                    "from 0.001 to 10, or leave it out"
                )
        for people in (False, True):
            alike = [one for one in self.conditions if one.shows_human_answers is people]
            if len({condition.n_examples for condition in alike}) > 1:
                raise ExperimentError("conditions differ in n_examples: make it one run for each")
        if len(self.drawn) not in (0, len(self.items)):
            raise ExperimentError(f"forms of {len(self.drawn)} items, not of {len(self.items)}")

    @classmethod
    def from_grid(
        cls,
        models: Sequence[str],
        *,
        bank: QuestionBank,
        human: pl.DataFrame | None = None,
        languages: Sequence[str] | None = None,
        steering: Sequence[str] | None = None,
        targets: Sequence[str] = (),
        personas: Sequence[str] = (),
        items: Sequence[str] | int | None = None,
        elicitations: Sequence[str] = ("logprobs", "verbalized"),
        wave: int = 7,
        forms: int | None = None,
        forms_seed: int = 0,
        wordings: Sequence[str] = (),
        surfaces: Sequence[str] = (),
        templates: Sequence[str] = (),
        option_orders: Sequence[str] = (),
        label_styles: Sequence[str] = (),
        reasoning: Sequence[str] = (OFF,),
        n_examples: int | None = None,
        settings: ElicitationSettings | None = None,
        engine: Engine | None = None,
        cluster: Cluster | None = None,
    ) -> Experiment:
        """Make an experiment from all combinations of languages, steerings and targets.

        Parameters
        ----------
        models, elicitations, settings, engine, cluster
            As for the class.
        bank : QuestionBank
            The questionnaire.
        human : polars.DataFrame, optional
            Human counts; needed for few-shot steering.
        languages : sequence of str, optional
            Prompt languages, for steerings without ``language``: codes, ``"all"`` for every
            language of the questionnaire, ``"main"`` for each target's own main language.
            Default: English, or the questionnaire's first language.
        steering : sequence of str, optional
            Names of steerings, as for `doxa.run.grid.expand_steering`. Default: ``"none"``, and
            ``"persona"`` where there are `personas`.
        targets : sequence of str
            Alpha-3 codes of the countries steered towards; ``"all"`` for every one of the wave.
        personas : sequence of str
            Groups of people steered towards, such as ``"sex=female,age=60+"``, and grids of them,
            such as ``"sex×age"``; see `doxa.questionnaire.group.expand_groups`. With `targets`,
            the group is of each of these countries, and everyone there is steered towards too.
        items : sequence of str, int or None
            Item ids; a number of items, spread over the questionnaire's topics; or None for all
            items with wording in every language used. A number and None leave out the items that
            prompts show as examples.
        forms, forms_seed : int, optional
            How many forms `doxa.prompt.draw_forms` draws for each item, and its seed. Default: all
            combinations of the levels named; without any, two, the options listed and reversed.
        wordings, surfaces, templates, option_orders, label_styles : sequence of str
            The levels of a form, as in `doxa.prompt.Condition`, that are asked or may be drawn.
        wave, reasoning, n_examples
            As in `Condition`; one for each reasoning.

        Raises
        ------
        ExperimentError
            A name is unknown, or the names do not fit together.
        """
        asked = (steering, languages, targets, personas, reasoning)
        ways = ways_of(*asked, wave=wave, n_examples=n_examples, bank=bank)
        chosen = choose_items(items, ways, bank=bank, human=human)
        levels = (wordings, surfaces, templates, option_orders, label_styles)
        allowed = Allowed(*map(tuple, levels))
        conditions, drawn = expand_forms(ways, chosen, forms, allowed, bank=bank, seed=forms_seed)
        return cls(
            tuple(models),
            conditions,
            chosen,
            tuple(elicitations),
            settings or ElicitationSettings(),
            engine or Engine(),
            cluster,
            drawn,
            forms_seed,
        )

    @classmethod
    def from_toml(
        cls,
        path: str | os.PathLike[str],
        *,
        bank: QuestionBank,
        human: pl.DataFrame | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> Experiment:
        """Read an experiment file.

        Parameters
        ----------
        path : path
            A TOML file with the keys that `from_table` takes. Paths of models are relative to
            the file's folder.
        bank, human
            As for `from_grid`.
        changes : mapping, optional
            Keys that replace those of the file, or of its tables.

        Raises
        ------
        ExperimentError
            The file cannot be read or is not TOML, or a key is unknown, of the wrong kind or
            contradicts another.
        """
        file = Path(path)
        try:
            table = toml_of(file.read_bytes())
        except OSError as error:
            raise ExperimentError(f"{file} cannot be read: {reason(error)}") from None
        except ValueError as error:
            raise ExperimentError(f"{file} is not TOML: {error}") from None
        try:
            return cls.from_table(
                table, bank=bank, human=human, changes=changes, folder=file.parent
            )
        except ExperimentError as error:
            raise ExperimentError(f"{file}: {error}") from None

    @classmethod
    def from_table(
        cls,
        table: Mapping[str, Any],
        *,
        bank: QuestionBank,
        human: pl.DataFrame | None = None,
        changes: Mapping[str, Any] | None = None,
        folder: Path | None = None,
    ) -> Experiment:
        """Make an experiment from the keys of an experiment file.

        Parameters
        ----------
        table : mapping
            `models`, `elicitations`, `items`; tables `settings`, `engine` and `cluster` with the
            fields of `ElicitationSettings`, `Engine` and `Cluster`; and either a list `conditions`
            of tables with the fields of `Condition`, with a table `drawn` of each item's forms if
            they were drawn, or the keys of `from_grid` that make conditions.
        bank, human
            As for `from_grid`.
        changes : mapping, optional
            Keys that replace those of `table`, or of its tables.
        folder : pathlib.Path, optional
            The folder that paths of models in `table` are relative to.

        Raises
        ------
        ExperimentError
            A key is unknown, of the wrong kind or contradicts another.

        Examples
        --------
        >>> from doxa.questionnaire import QuestionBank
        >>> bank = QuestionBank.load()
        >>> table = {"models": ["m.gguf"], "items": 2, "settings": {"draws": 5}}
        >>> Experiment.from_table(table, bank=bank).settings.draws
        5
        >>> Experiment.from_table(table, bank=bank, changes={"items": ["Q1"]}).items
        ('Q1',)
        """
        values = checked(table)
        engine = values.get("engine", {}) | (changes or {}).get("engine", {})
        backend = BACKENDS.get(engine.get("backend", Engine().backend))
        if folder is not None and backend is not None and backend.files:
            values["models"] = [
                model if is_name(model) else str(folder / model)
                for model in values.get("models", ())
            ]
        for name, value in (changes or {}).items():
            values[name] = values.get(name, {}) | value if KEYS[name] is dict else value
        values.setdefault("models", ())
        values["settings"] = made(ElicitationSettings, values.get("settings", {}), "settings: ")
        values["engine"] = made(Engine, values.get("engine", {}), "engine: ")
        if "cluster" in values:
            values["cluster"] = made(Cluster, values["cluster"], "cluster: ")
        if "conditions" not in values:
            return cls.from_grid(**values, bank=bank, human=human)
        for name in GRID.keys() - {"forms_seed"}:
            if name in values:
                raise ExperimentError(f"{name} and conditions: give one of them")
        written = values.pop("conditions")
        conditions = tuple(made(Condition, condition, "conditions: ") for condition in written)
        values["items"] = choose_items(values.get("items"), conditions, bank=bank, human=human)
        for name in {"models", "elicitations"} & values.keys():
            values[name] = tuple(values[name])
        values["drawn"] = drawn_forms(values.get("drawn", {}), values["items"])
        return cls(conditions=conditions, **values)

    def to_toml(self) -> str:
        """Return the text of a file that `from_toml` reads, with every condition written out.

        Secrets in a server's address are left out of it, and so is the cluster.

        Examples
        --------
        >>> print(Experiment(("m.gguf",), (Condition("en"),), ("Q1",)).to_toml().splitlines()[0])
        models = ["m.gguf"]
        """
        lines = toml_lines(self, "models", "items", "elicitations", "forms_seed")
        if self.drawn:
            lines += ["", "[drawn]", *drawn_lines(self.items, self.drawn)]
        lines += ["", "[settings]", *toml_lines(self.settings)]
        lines += ["", "[engine]", *toml_lines(self.engine.public())]
        for condition in self.conditions:
            lines += ["", "[[conditions]]", *toml_lines(condition)]
        return "\n".join(lines) + "\n"

    @property
    def size(self) -> int:
        """The number of combinations: the requests to each model, without repeated ones."""
        asked = self.items_in()
        return sum(
            len(asked(condition)) * self.draws(elicitation, condition)
            for elicitation, condition in product(self.elicitations, self.conditions)
        )

    @property
    def forms(self) -> int:
        """The number of forms in which each item is asked in a way."""
        if self.drawn:
            return len(self.drawn[0])
        return len({form_of(condition) for condition in self.conditions})

    def items_in(self) -> Callable[[Condition], tuple[str, ...]]:
        """Return a function that gives the items that are asked under a condition."""
        if not self.drawn:
            return lambda _: self.items
        by_form: dict[Form, list[str]] = {}
        for item, forms in zip(self.items, self.drawn, strict=True):
            for form in forms:
                by_form.setdefault(form, []).append(item)
        return lambda condition: tuple(by_form.get(form_of(condition), ()))

    def draws(self, elicitation: str, condition: Condition) -> int:
        """Return how often each item is asked in one way."""
        return ELICITATIONS[elicitation].draws(self.settings, condition.thought_tokens)

    def size_of(self, only: Collection[tuple[Condition, str]] | None) -> int:
        """Return the number of combinations for some conditions and items; for None, of all."""
        if only is None:
            return self.size
        return sum(self.draws(one, condition) for one in self.elicitations for condition, _ in only)

    def refuse_too_many(
        self, only: Collection[tuple[Condition, str]] | None = None, *, parts: int = 1
    ) -> None:
        """Raise `ExperimentError` if one process cannot ask so much: some pairs, or one of parts.

        Its requests to a model are held in memory at once.
        """
        size = self.size_of(only) // parts
        if size > _MOST:
            raise ExperimentError(
                f"{self.settings.draws:,} draws, {len(self.items)} items and "
                f"{len(self.conditions)} conditions are {size:,} requests to each model: one "
                f"process takes {_MOST:,}; ask it in (more) parts with --shard, or lower the draws"
            )

    def combinations(self) -> Iterator[Combination]:
        """Yield the combinations, ordered by condition, then item, elicitation and draw.

        Where prompts show examples of the form of a reply, the elicitations of one form come before
        those of the next, so that what all items share is evaluated once for each form.
        """
        asked = self.items_in()
        for condition in self.conditions:
            for alike in alike_elicitations(self.elicitations, condition):
                for item in asked(condition):
                    for elicitation in alike:
                        for draw in range(self.draws(elicitation, condition)):
                            yield Combination(item, condition, elicitation, draw)
