"""Balanced designs: small sets of conditions in which effects of order and wording cancel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doxa.errors import ExperimentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.prompt.condition import Condition

__all__ = ["balanced_design", "latin_orders"]


def latin_orders(n_options: int) -> tuple[str, ...]:
    """List orders that put each option once in each place: a cyclic Latin square.

    Averaged over these orders, no option gains from its place, whatever effect a place has. For an
    item with fewer options these orders are balanced if its number of options divides `n_options`.

    Parameters
    ----------
    n_options : int
        The number of options on the scale, 2 or more.

    Returns
    -------
    tuple of str
        The names of `n_options` option orders.

    Raises
    ------
    ExperimentError
        Fewer than two options.

    Examples
    --------
    >>> latin_orders(4)
    ('listed', 'rotated:1', 'rotated:2', 'rotated:3')
    """
    if n_options < 2:
        raise ExperimentError(f"{n_options} options cannot be ordered: give 2 or more")
    return ("listed", *(f"rotated:{start}" for start in range(1, n_options)))


def balanced_design(
    condition: Condition,
    *,
    orders: Sequence[str] = ("listed", "reversed"),
    templates: Sequence[str] = ("a",),
    label_styles: Sequence[str] = ("numbers",),
) -> tuple[Condition, ...]:
    """Vary order, paraphrase and labels so that each pair of levels occurs equally often.

    Every order is combined with every template. If the number of label styles divides both the
    number of orders and the number of templates, the styles are assigned as in a Latin square and
    add no conditions. Otherwise every style is combined with every order and template.

    The default orders, listed and reversed, give all options of an item the same mean place. This
    cancels an effect that is linear in the place; `latin_orders` cancels any effect of the place.

    Parameters
    ----------
    condition : Condition
        The condition to vary; it sets everything but the three factors.
    orders, templates, label_styles : sequence of str
        The levels of each factor, each named once.

    Returns
    -------
    tuple of Condition
        The conditions, to be averaged with equal weights.

    Raises
    ------
    ExperimentError
        A factor has no levels, or a level twice.

    Examples
    --------
    >>> from doxa.prompt import Condition
    >>> styles = ("numbers", "letters")
    >>> for c in balanced_design(Condition("en"), templates=("a", "b"), label_styles=styles):
    ...     print(c.option_order, c.template, c.label_style)
    listed a numbers
    listed b letters
    reversed a letters
    reversed b numbers
    """
    factors = {"orders": orders, "templates": templates, "label_styles": label_styles}
    for name, levels in factors.items():
        if not levels or len(set(levels)) < len(levels):
            raise ExperimentError(f"{name}: {list(levels)} must be one or more different levels")
    n_styles = len(label_styles)
    square = len(orders) % n_styles == 0 and len(templates) % n_styles == 0
    return tuple(
        replace(condition, option_order=order, template=template, label_style=style)
        for row, order in enumerate(orders)
        for column, template in enumerate(templates)
        for number, style in enumerate(label_styles)
        if not square or number == (row + column) % n_styles
    )
