"""The whole API asked by schemathesis on a service that holds real orders; `make fuzz`: longer.

Every call, well-formed and wrong on purpose, in the name of owners, strangers, staff, nobody and
liars; single calls, and calls that follow the links of earlier answers.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fuzz.asking import Asking, Book
from tests.fuzz.service import service

pytestmark = pytest.mark.timeout(900)  # the first of these asks everything
_SEED = 5
_EXAMPLES = 24
"""Of each call at random; the edges of every field, and what links lead to, come on top."""


@pytest.fixture(scope="module")
def book(module_postgres_url: str) -> Iterator[Book]:
    with service(module_postgres_url) as asked:
        yield Asking(asked, _SEED).run(0, _EXAMPLES)


def test_every_answer_is_a_documented_one_and_nobody_hears_of_foreign_orders(book: Book) -> None:
    assert dict(book.wrong) == {}


def test_every_call_is_answered_well_a_fifth_of_the_time(book: Book) -> None:
    shares = {call: book.share(call) for call in book.calls}

    assert len(shares) >= 27
    assert {call: share for call, share in shares.items() if share < 0.2} == {}


def test_calls_are_made_in_every_way_and_along_links(book: Book) -> None:
    ways = {way for phases in book.phases.values() for way in phases}

    assert ways >= {"examples", "coverage", "fuzzing", "stateful"}
    assert book.followed.total() >= 100
