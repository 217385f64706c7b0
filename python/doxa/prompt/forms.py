"""Forms of items: the same question put in several ways, drawn in a balanced design.

The first forms of an item are the questionnaire's own wording, instruction and numbers, with the
options as listed and the other way round. Each further pair of forms draws a wording, an
instruction, a label style and a surface among those that are allowed, again in two opposite orders:
so an option has the same mean place in each pair, and an effect that is linear in the place
cancels. Over the items of the questionnaire each level of a factor, and each two levels of two
factors, come as equally often as can be. Items on a nominal scale also begin their further pairs
with another option; a scale with an order makes sense from one end to the other alone.

What is drawn depends on the seed, the questionnaire, the item and what is allowed: not on the
language, on the other items that are asked, or on how many forms are drawn, so that more of them
may be asked later.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import TYPE_CHECKING, Final, NamedTuple

from doxa.errors import ExperimentError
from doxa.prompt.condition import Condition
from doxa.prompt.order import LABEL_STYLES, ordered_codes
from doxa.prompt.surface import PLAIN, has_surface
from doxa.prompt.texts import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from doxa.questionnaire import Item, QuestionBank

__all__ = ["Allowed", "Form", "allowed_in", "draw_forms", "every_form", "form_of", "in_form"]

_MOST_LETTERS: Final = 26
_OPPOSITE: Final = ("listed", "reversed")


class Form(NamedTuple):
    """How a question is put: fields of a `Condition`, in the order of `doxa.prompt.FORM`."""

    wording: str = "a"
    surface: str = PLAIN
    template: str = "a"
    option_order: str = "listed"
    label_style: str = "numbers"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The levels of each factor of a form that somebody named; empty where nobody did.

    Parameters
    ----------
    wordings, surfaces, templates, option_orders, label_styles : tuple of str
        As the fields of a `Condition`.
    """

    wordings: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    option_orders: tuple[str, ...] = ()
    label_styles: tuple[str, ...] = ()


def every_form(allowed: Allowed) -> tuple[Form, ...]:
    """Combine all levels that were named; of what was not, both orders and the usual rest.

    Examples
    --------
    >>> [form.option_order for form in every_form(Allowed())]
    ['listed', 'reversed']
    >>> len(every_form(Allowed(templates=("a", "b", "c"))))
    6
    """
    return tuple(
        Form(wording, surface, template, order, labels)
        for template, labels, order, wording, surface in product(
            allowed.templates or ("a",),
            allowed.label_styles or ("numbers",),
            allowed.option_orders or _OPPOSITE,
            allowed.wordings or ("a",),
            allowed.surfaces or (PLAIN,),
        )
    )


def allowed_in(languages: Iterable[str], allowed: Allowed, bank: QuestionBank) -> Allowed:
    """Complete what is allowed to be drawn by what all languages have; surfaces must be named.

    Parameters
    ----------
    languages : iterable of str
        The languages that are asked; their forms are the same.
    allowed : Allowed
        What was named.
    bank : QuestionBank
        The questionnaire.

    Raises
    ------
    ExperimentError
        A language lacks a wording, template or surface that was named.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> bank = QuestionBank.load()
    >>> allowed_in(["en", "ja"], Allowed(), bank).wordings
    ('a', 'b', 'c')
    >>> allowed_in(["en", "de"], Allowed(), bank).wordings
    ('a',)
    """
    wordings: list[str] | None = None
    templates: list[str] | None = None
    for code in dict.fromkeys(languages):
        language = bank.language(code)
        has = {
            "wordings": ("a", *language.wordings),
            "templates": tuple(texts(bank, code).instruction),
        }
        for name, known in has.items():
            for level in getattr(allowed, name):
                if level not in known:
                    raise ExperimentError(
                        f"{name}: {language.english_name} has no {level!r}: it has "
                        f"{', '.join(known)}"
                    )
        for surface in allowed.surfaces:
            if not has_surface(surface, language.script):
                raise ExperimentError(
                    f"surfaces: {language.english_name} has one kind of letter, so no "
                    f"{surface!r}: leave it out, or ask that language by itself"
                )
        wordings = [w for w in wordings or has["wordings"] if w in has["wordings"]]
        templates = [t for t in templates or has["templates"] if t in has["templates"]]
    return replace(
        allowed,
        wordings=allowed.wordings or tuple(wordings or "a"),
        templates=allowed.templates or tuple(templates or "a"),
        label_styles=allowed.label_styles or LABEL_STYLES,
        surfaces=allowed.surfaces or (PLAIN,),
    )


def draw_forms(
    items: Iterable[str], n: int, allowed: Allowed, *, bank: QuestionBank, seed: int = 0
) -> dict[str, tuple[Form, ...]]:
    """Draw forms for items.

    Parameters
    ----------
    items : iterable of str
        The items that are asked.
    n : int
        How many forms each gets, 1 or more. With 1, this is the first one that is allowed.
    allowed : Allowed
        What may be drawn, as `allowed_in` completes it. Named orders replace the opposite ones.
    bank : QuestionBank
        The questionnaire; the design is balanced over all of its items.
    seed : int
        The seed of the design.

    Returns
    -------
    dict of str to tuple of Form
        `n` different forms for each item.

    Raises
    ------
    ExperimentError
        `n` is below 1, or an item has fewer forms.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> bank = QuestionBank.load()
    >>> allowed = allowed_in(["en"], Allowed(), bank)
    >>> for form in draw_forms(["Q1"], 4, allowed, bank=bank)["Q1"]:
    ...     print(*form)
    a plain a listed numbers
    a plain a reversed numbers
    c plain a reversed numbers
    c plain a listed numbers
    """
    if n < 1:
        raise ExperimentError(f"forms = {n}: draw 1 or more for each item")
    ranks = list(bank.items)
    random.Random(f"forms:{seed}").shuffle(ranks)
    rank = {item: place for place, item in enumerate(ranks)}
    found = dict[str, tuple[Form, ...]]()
    rows = list[dict[str, Form]]()
    design = _design(ranks, allowed, bank, seed)
    for item in items:
        forms = list[Form]()
        for number in range(n):
            if number == len(rows):
                rows.append(next(design))
            if len(forms) >= n or item not in rows[number]:
                break
            forms += [
                rows[number][item]._replace(option_order=order)
                for order in _orders(bank.items[item], allowed, number, rank[item])
            ]
        if len(forms) < n:
            raise ExperimentError(
                f"forms = {n}: {item} has only {len(forms)} that are allowed: ask for fewer, or "
                "allow more orders, templates, labels, wordings or surfaces"
            )
        found[item] = tuple(forms[:n])
    return found


def form_of(condition: Condition) -> Form:
    """Return the form of a condition.

    Examples
    --------
    >>> form_of(Condition("en", template="b")).template
    'b'
    """
    return Form(*(getattr(condition, name) for name in Form._fields))


def in_form(condition: Condition, form: Form) -> Condition:
    """Return a condition in another form.

    Examples
    --------
    >>> in_form(Condition("en"), Form(option_order="reversed")).option_order
    'reversed'
    """
    return replace(condition, **form._asdict())


def _design(
    items: Sequence[str], allowed: Allowed, bank: QuestionBank, seed: int
) -> Iterator[dict[str, Form]]:
    """Yield for each group of forms what they share: all but the order of the options."""
    usual = Condition("en")
    levels = {
        "wording": allowed.wordings, "surface": allowed.surfaces, "template": allowed.templates,
        "label_style": allowed.label_styles,
    }  # fmt: skip
    all_forms = [
        Form(**dict(zip(levels, combined, strict=True))) for combined in product(*levels.values())
    ]
    # the questionnaire's own form is the first one, where it is allowed
    all_forms.sort(key=lambda form: sum(getattr(form, f) != getattr(usual, f) for f in levels))
    left = {item: _fitting(all_forms, bank.items[item]) for item in items}
    number = 0
    while True:
        stream = random.Random(f"forms:{seed}:{number}")
        counts = Counter[tuple[str, ...]]()
        row = {}
        for item in items:
            if not left[item]:
                continue
            if number:
                form = min(left[item], key=lambda form: _cost(form, levels, counts, stream))
            else:
                form = left[item][0]
            left[item].remove(form)
            counts.update(_held(form, levels))
            row[item] = form
        yield row
        number += 1


def _fitting(forms: Sequence[Form], item: Item) -> list[Form]:
    many = len(item.scale.all_codes) > _MOST_LETTERS
    return [form for form in forms if form.label_style != "letters" or not many]


def _held(form: Form, levels: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Name the levels of a form, and each two of them."""
    own = [(name, getattr(form, name)) for name in levels]
    yield from own
    for one, other in combinations(own, 2):
        yield (*one, *other)


def _cost(
    form: Form,
    levels: Mapping[str, Sequence[str]],
    counts: Mapping[tuple[str, ...], int],
    stream: random.Random,
) -> tuple[int, int, float]:
    """Say how often its levels were drawn already, and each two of them; ties are broken."""
    held = list(_held(form, levels))
    single = sum(counts[key] * len(levels[key[0]]) for key in held[: len(levels)])
    return single, sum(counts[key] for key in held[len(levels) :]), stream.random()


def _orders(item: Item, allowed: Allowed, number: int, rank: int) -> tuple[str, ...]:
    """Give the orders of a group of forms: those that were named, or two opposite ones."""
    orders = allowed.option_orders
    if not orders:
        steps = len(item.scale.codes)
        nominal = item.scale.kind == "nominal" and steps > 2
        turn = (rank + number) % steps if number and nominal else 0
        orders = (f"rotated:{turn}", f"reversed:{turn}") if turn else _OPPOSITE
    shown = {ordered_codes(item, order): order for order in reversed(orders)}
    orders = tuple(order for order in orders if order in shown.values())
    first = rank % len(orders) if number else 0
    return orders[first:] + orders[:first]
