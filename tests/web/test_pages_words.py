"""How texts of any script stand in the sentences of a page."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from web.pages import rendering
from web.pages.rendering import Marks
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


def test_a_text_that_was_markup_elsewhere_is_escaped_all_the_same() -> None:
    marks = Marks(rendering.module("marks.html"))

    as_markup = marks.state("done", Markup("<b>done</b>"))
    as_text = marks.state("done", "<b>done</b>")

    assert as_markup.endswith("<b>done</b></span>")
    assert as_text.endswith("&lt;b&gt;done&lt;/b&gt;</span>")
    assert marks.state("done", "<b>done</b>") is as_text
