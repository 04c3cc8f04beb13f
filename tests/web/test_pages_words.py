"""How texts of any script stand in the sentences of a page."""

from __future__ import annotations

import pytest

from web.pages.words import isolated


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("2 x Mug and 1 x Tea.", "2 x Mug and 1 x Tea."),
        ("2 x شاي, 1 x Mug.", "2 x [شاي], 1 x Mug."),
        ("1 x شاي أخضر، 500 غ, 3 x ספל", "1 x [شاي أخضر، 500 غ], 3 x [ספל]"),
        ("شاي, ספל and 2 more", "[شاي], [ספל] and 2 more"),
    ],
)
def test_words_from_the_right_do_not_move_what_stands_beside_them(said: str, shown: str) -> None:
    """In brackets: what is isolated, by marks that nobody sees."""
    told = isolated(said).replace("\u00a0", " ")
    assert told.replace("\u2068", "[").replace("\u2069", "]") == shown


def test_no_line_ends_between_a_figure_and_what_it_counts() -> None:
    shown = isolated("You cancelled 2 x Tarp, 3 x 3 m and 1 x Mug, by Box X 2.")

    assert shown.replace("\u00a0", "~") == (
        "You cancelled 2~x~Tarp, 3~x~3 m and 1~x~Mug, by Box X 2."
    )
