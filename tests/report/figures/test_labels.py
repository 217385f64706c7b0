from __future__ import annotations

import numpy as np

from doxa.report.figures.labels import place_labels


def test_labels_keep_clear_of_each_other_and_stay_inside() -> None:
    points = [(float(x), float(y)) for x, y in np.random.default_rng(3).uniform(0, 400, (60, 2))]
    labels = [(f"Country {number}", 10.0) for number in range(60)]
    taken = [(0.0, 0.0, 100.0, 30.0)]
    placed = place_labels(points, labels, (400, 400), taken)
    boxes = list(taken)
    for label, (text, height) in zip(placed, labels, strict=True):
        if label is None:
            continue
        width = 0.5 * height * len(text)
        shift = {"left": 0, "right": width, "center": width / 2}[label.align]
        left, top = label.x - shift, label.y - 5
        boxes.append((left, top, left + width, top + height))
    assert len(boxes) > 25
    assert None in placed
    for i, one in enumerate(boxes):
        assert 0 <= one[0] <= one[2] <= 400.01
        assert 0 <= one[1] <= one[3] <= 400.01
        for other in boxes[:i]:
            apart = one[2] <= other[0] or other[2] <= one[0]
            assert apart or one[3] <= other[1] or other[3] <= one[1]


def test_earlier_labels_have_the_first_choice() -> None:
    [first, second] = place_labels([(50, 50), (58, 50)], [("A", 10), ("B", 10)], (200, 100))
    assert first is not None
    assert second is not None
    assert first.align == "right"
    assert second.align == "left"
