"""No record stops us: each bad one is told apart, with its field and its rule, in bounded time."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from consumers.cloudevents import BadMessage, Incoming, hear
from tests.support import contract
from tests.support.bad_input import BAD, GOOD, HEADERS, MEGABYTE, Bad
from tests.support.contract import KEY, NOW

SECONDS = 1.0
"""Of CPU, on a slow machine: for a megabyte of the worst. Most take less than a millisecond."""

UNDER_A_LIMIT = """
import resource
from tests.support.bad_input import BAD
from consumers.cloudevents import BadMessage, hear

with open("/proc/self/statm") as memory:
    now = int(memory.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + 100_000_000, now + 100_000_000))
heard = 0
for bad in BAD.values():
    try:
        hear(bad.record, 0, b"")
    except BadMessage:
        heard += 1
print(heard)
"""


def said_of(record: Incoming) -> BadMessage:
    with pytest.raises(BadMessage) as caught:
        hear(record, NOW, KEY)
    return caught.value


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_record_is_told_by_its_field_and_rule(bad: Bad) -> None:
    started = time.process_time()
    said = said_of(bad.record)
    took = time.process_time() - started

    assert (said.field, said.rule) == (bad.field, bad.rule)
    assert took < SECONDS
    assert len(said.detail) <= 300
    assert "\0" not in said.detail
    assert hear(Incoming(GOOD), NOW, KEY).message_id == "m-1"


def test_every_kind_of_bad_input_is_another_record() -> None:
    records = [(bad.record.value, tuple(bad.record.headers), bad.record.channel)
               for bad in BAD.values()]  # fmt: skip

    assert len(set(records)) == len(records) > 200


def test_no_bad_record_takes_more_than_a_hundred_megabytes() -> None:
    ran = subprocess.run([sys.executable, "-c", UNDER_A_LIMIT], capture_output=True, text=True,
                         check=False)  # fmt: skip

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"{len(BAD)}\n", "")


def test_what_is_left_of_the_envelope_is_told() -> None:
    broken = contract.structured("Delivered", {"shipment_id": ""})

    said = said_of(broken)

    assert (said.order_id, said.source, said.message_id, said.type) == (
        "o-1", "/shop", "m-1", "Delivered",
    )  # fmt: skip


def test_what_is_left_of_a_binary_envelope_is_told() -> None:
    for record in (
        Incoming(None, HEADERS),
        Incoming(b"\xff", HEADERS),
        Incoming(b" " * (MEGABYTE + 1), HEADERS),
        Incoming(b"{}", [*HEADERS, ("ce_id", b"m-2")]),
        Incoming(b"{}", [*HEADERS, *[("x", b"")] * 10_000]),
    ):
        said = said_of(record)

        assert (said.order_id, said.source, said.message_id, said.type) == (
            "o-1", "/shop", "m-1", "Delivered",
        )  # fmt: skip


def test_the_key_names_the_order_of_a_record_that_cannot_be_read() -> None:
    keys = {b"o-7": "o-7", b"": None, None: None, b"o 7": None, b"\xff": None, b"o" * 65: None}

    assert {key: said_of(Incoming(b"?", key=key)).order_id for key in keys} == keys


def test_the_subject_names_the_order_before_the_key_does() -> None:
    broken = contract.structured("Delivered", {"shipment_id": ""})

    assert said_of(broken._replace(key=b"o-7")).order_id == "o-1"


@pytest.mark.parametrize("junk", [7, None, [], {}, "", "a\0", "\ufffd", "x" * 999_000])
def test_an_envelope_that_cannot_be_read_is_left_out(junk: object) -> None:
    broken = contract.structured("Delivered", id=junk, source=junk, type=junk, subject=junk)

    said = said_of(broken)

    assert (said.order_id, said.source, said.message_id, said.type) == (None, None, None, None)


def test_a_bad_message_says_in_one_line_what_is_wrong() -> None:
    assert str(said_of(Incoming(None))) == (
        "value: is null; a message cannot be deleted (tombstone)"
    )
