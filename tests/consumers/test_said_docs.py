"""docs/messages.md has every message that we say, in the words of its contract, by example."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from consumers.said import CHANNELS
from tests.support.said_examples import IN_ALL, SAID, rows

PAGE = (Path(__file__).parents[2] / "docs" / "messages.md").read_text()
SECTIONS = {
    found[1]: found[2]
    for found in re.finditer(r"\n## `([a-z-]+)`: [^\n]*\n(.*?)(?=\n## |\Z)", PAGE, re.DOTALL)
}
ROWS = rows()


@pytest.mark.parametrize(("channel", "kind"), ROWS, ids=["-".join(key) for key in ROWS])
def test_every_message_is_in_the_table_of_its_topic(channel: str, kind: str) -> None:
    row = ROWS[channel, kind]
    assert row in SECTIONS[channel].splitlines(), f"write it into docs/messages.md: {row}"


def test_the_page_has_no_message_that_nobody_says() -> None:
    shown = {
        (channel, kind)
        for channel in CHANNELS
        for kind in re.findall(r"^\| `([A-Z]\w+)` \|", SECTIONS[channel], re.MULTILINE)
    }
    assert shown == ROWS.keys()


@pytest.mark.parametrize("channel", IN_ALL)
def test_fields_of_all_messages_of_a_topic_are_named_once(channel: str) -> None:
    intro = SECTIONS[channel].partition("| type |")[0]
    assert set(IN_ALL[channel]) <= set(re.findall(r"`([a-z_]+)", intro))


def test_the_envelope_is_that_of_a_message() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    said = json.loads(example)
    assert said in [json.loads(one.value or b"") for _, one in SAID]
