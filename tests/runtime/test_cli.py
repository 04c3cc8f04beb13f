"""The command line: what it answers, and how it says what is wrong and what to do next."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import pytest

from application.event_store import StoreUnavailable
from projections.rebuild import RebuildRunning
from runtime import reading, service
from runtime.cli_answers import KNOWN, explain
from tests.support.command import ROOT, SECONDS, Command, Said
from tests.support.following import until

PLACED = {
    "order_id": "A-1",
    "buyer_id": "berta",
    "seller_id": "shop",
    "currency": "EUR",
    "lines": [
        {"line_id": "1", "sku": "OWL", "title": "Ceramic owl", "quantity": 3, "unit_price": "10.00"}
    ],
}
CANCELLED = {
    "order_id": "A-1",
    "cancellation_id": "C1",
    "requested_by": "buyer",
    "reason": "changed_mind",
    "items": [{"line_id": "1", "quantity": 1}],
}
TOO_MUCH = {**CANCELLED, "cancellation_id": "C2", "items": [{"line_id": "1", "quantity": 9}]}


def line(kind: str, number: str, data: dict[str, Any]) -> str:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": number,
            "source": "/shop",
            "type": kind,
            "subject": data.get("order_id", "?"),
            "time": "2026-03-01T12:00:00Z",
            "data": data,
        }
    )


ORDER = line("OrderPlaced", "m1", PLACED)
CANCEL = line("ItemCancelRequested", "m2", CANCELLED)
CANCEL_TOO_MUCH = line("ItemCancelRequested", "m3", TOO_MUCH)


@pytest.fixture
def countermand(postgres_url: str, tmp_path: Path) -> Command:
    return Command(tmp_path, database_url=postgres_url)


@pytest.fixture
def without_database(tmp_path: Path) -> Command:
    """A command whose database does not answer."""
    return Command(tmp_path, database_url="postgresql://127.0.0.1:1/nowhere")


@pytest.fixture
def here(
    without_database: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    """The same in this process, which is quicker."""
    return partial(without_database.here, patch=monkeypatch, says=capsys)


def counts(**changed: int) -> dict[str, int]:
    return {"recorded": 0, "repeated": 0, "refused": 0, "parked": 0, "dead": 0} | changed


def taken(countermand: Command, *lines: str) -> tuple[int, dict[str, int]]:
    """Ingest lines; the exit code, and the counts without the position."""
    said = countermand("ingest", "-", "--json", given="\n".join(lines))
    answer = said.json()
    assert answer.pop("position").isdigit()
    return said.code, answer


def test_the_counts_add_up_to_the_lines(countermand: Command) -> None:
    code, answer = taken(countermand, ORDER, CANCEL, CANCEL, "", CANCEL_TOO_MUCH, "{}")

    assert code == 3
    assert answer == counts(recorded=2, repeated=1, refused=1, dead=1)


def test_a_line_that_was_parked_and_released_counts_as_what_it_became(countermand: Command) -> None:
    code, answer = taken(countermand, CANCEL, CANCEL, CANCEL_TOO_MUCH, ORDER)

    assert (code, answer) == (0, counts(recorded=2, repeated=1, refused=1))


def test_a_line_that_was_parked_before_is_not_counted_again(countermand: Command) -> None:
    assert taken(countermand, CANCEL) == (0, counts(parked=1))

    assert taken(countermand, ORDER) == (0, counts(recorded=1))


def test_a_line_that_is_too_long_is_a_dead_letter_and_the_next_one_is_taken(
    countermand: Command,
) -> None:
    code, answer = taken(countermand, "x" * 3_000_000, ORDER)

    assert (code, answer) == (3, counts(recorded=1, dead=1))
    (letter,) = countermand("dead-letters", "list", "--json").json()["dead_letters"]
    assert letter["rule"] == "too_large"


def test_the_views_are_up_to_date_when_ingest_returns(countermand: Command) -> None:
    taken(countermand, ORDER, CANCEL)

    body = countermand("order", "A-1", "--json").json()

    (shown,) = body["lines"]
    assert (shown["cancelled"], shown["remaining"]) == (1, 2)
    (refund,) = body["refunds"]
    assert (refund["amount"], refund["state"]) == ("10.00", "held")
    assert (body["order_id"], body["version"], body["status"]) == ("A-1", 2, "partly_cancelled")


def test_an_order_is_shown_in_words(countermand: Command) -> None:
    taken(countermand, ORDER, CANCEL)

    said = countermand("order", "A-1")

    assert said.code == 0
    assert "Order A-1: partly cancelled" in said.out
    assert re.search(r"^1 +Ceramic owl +3 +1 +0 +0 +2$", said.out, re.MULTILINE)
    assert "refund 10.00 EUR: held (goods still to ship, until" in said.out


def test_several_orders_are_one_json_object_a_line(countermand: Command) -> None:
    other = line("OrderPlaced", "m9", {**PLACED, "order_id": "A-2"})
    taken(countermand, ORDER, other)

    named = countermand("order", "A-2", "A-1", "--json").json_lines()
    everything = countermand("order", "--all", "--json").json_lines()

    assert [body["order_id"] for body in named] == ["A-2", "A-1"]
    assert [body["order_id"] for body in everything] == ["A-1", "A-2"]


def test_an_order_as_of_a_moment_knows_nothing_later(countermand: Command) -> None:
    taken(countermand, ORDER)
    (placed,) = countermand("history", "A-1", "--json").json()["events"]
    taken(countermand, CANCEL)

    body = countermand("order", "A-1", "--as-of", placed["recorded_at"], "--json").json()

    assert (body["version"], body["lines"][0]["cancelled"]) == (1, 0)


def test_an_order_that_was_not_there_yet_is_not_known_then(countermand: Command) -> None:
    taken(countermand, ORDER)

    said = countermand("order", "A-1", "--as-of", "2020-01-01T00:00:00Z")

    assert (said.code, said.err.splitlines()[0]) == (1, "Not known then: A-1.")


def test_a_time_that_no_calendar_has_is_no_time(countermand: Command) -> None:
    taken(countermand, ORDER)

    for moment in ("2026-11-24T13:00:00", "noon", "9999-12-31T23:59:59-01:00"):
        said = countermand("order", "A-1", "--as-of", moment)

        assert (said.code, said.err.splitlines()[0]) == (2, f"'{moment}' is no time.")


def test_what_is_in_an_open_pipe_does_not_wait_for_more() -> None:
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "wb", buffering=0) as pipe, reading.opened(f"/dev/fd/{ours}") as lines:
        os.close(ours)
        batches = service.batched(lines, 2_000, lines.is_silent)

        pipe.write(b"first\nsecond\nhal")
        assert next(batches) == [b"first", b"second"]

        pipe.write(b"f\n")
        pipe.close()
        assert list(batches) == [[b"half"]]


def test_history_has_both_times_the_cause_and_a_sentence(countermand: Command) -> None:
    taken(countermand, ORDER, CANCEL)

    body = countermand("history", "A-1", "--json").json()

    assert [event["type"] for event in body["events"]] == ["OrderPlaced", "ItemCancelRequested"]
    last = body["events"][1]
    assert last["cause"] == {"source": "/shop", "id": "m2"}
    assert last["occurred_at"] == "2026-03-01T12:00:00Z"
    assert last["sentence"].startswith("The buyer cancelled 1 x Ceramic owl")
    text = countermand("history", "A-1").out
    assert last["sentence"] in text
    assert text.count("(happened 2026-03-01 12:00Z)") == 2


def test_cancelled_orders_and_refunds_are_listed(countermand: Command) -> None:
    taken(countermand, ORDER, CANCEL)

    cancelled = countermand("cancelled", "berta", "--json").json()
    held = countermand("refunds", "--state", "held", "--seller", "shop", "--json").json()
    due = countermand("refunds", "--state", "due", "--json").json()

    assert [(one["order_id"], one["cancelled"]) for one in cancelled["orders"]] == [("A-1", 1)]
    assert [(one["order_id"], one["amount"]) for one in held["refunds"]] == [("A-1", "10.00")]
    assert due == {"refunds": [], "next": None}


def test_a_long_list_is_read_page_by_page(countermand: Command) -> None:
    for number in "23":
        order_id = f"A-{number}"
        taken(
            countermand,
            line("OrderPlaced", f"p{number}", {**PLACED, "order_id": order_id}),
            line("ItemCancelRequested", f"c{number}", {**CANCELLED, "order_id": order_id}),
        )

    first = countermand("cancelled", "berta", "--limit", "1", "--json").json()
    rest = countermand("cancelled", "berta", "--cursor", first["next"], "--json").json()

    assert [one["order_id"] for one in first["orders"] + rest["orders"]] == ["A-3", "A-2"]
    assert rest["next"] is None


def test_status_is_well_when_nothing_is_wrong(countermand: Command) -> None:
    taken(countermand, ORDER, CANCEL)

    said = countermand("status", "--wait", "--json")

    found = said.json()
    assert (said.code, found["well"], found["wrong"]) == (0, True, [])
    (views,) = found["followers"]
    assert views == {
        "name": "views",
        "position": found["position"],
        "behind": 0,
        "delay_seconds": 0.0,
    }


def test_status_says_what_is_wrong(countermand: Command) -> None:
    taken(countermand, "nonsense")

    said = countermand("status")

    assert said.code == 1
    assert "dead letters: 1 open" in said.out
    assert said.err == "1 open dead letter: `countermand dead-letters list`\n"


def test_a_health_check_asks_only_whether_the_parts_answer(countermand: Command) -> None:
    taken(countermand, "nonsense")

    assert countermand("status", "--alive", "--json").json() == {"alive": True}
    countermand.set(kafka_bootstrap_servers="127.0.0.1:1")
    said = countermand("status", "--alive")
    assert (said.code, len(said.err.splitlines())) == (69, 2)


def test_a_dead_letter_is_shown_with_its_bytes_and_dropped(countermand: Command) -> None:
    taken(countermand, "nonsense \\x1b[31m")
    (listed,) = countermand("dead-letters", "list", "--json").json()["dead_letters"]
    number = str(listed["dead_letter_id"])

    shown = countermand("dead-letters", "show", number, "--json").json()
    dropped = countermand("dead-letters", "drop", number)

    assert (shown["value"], shown["rule"], shown["state"]) == (
        "nonsense \\x1b[31m",
        "not_json",
        "open",
    )
    assert (dropped.code, dropped.out) == (0, f"{number}: dropped\n")
    assert countermand("status").code == 0


def test_dead_letters_are_read_page_by_page_to_the_last_one(countermand: Command) -> None:
    taken(countermand, "nonsense", "more nonsense")

    first = countermand("dead-letters", "list", "--limit", "1", "--json").json()
    rest = countermand(
        "dead-letters", "list", "--limit", "1", "--cursor", first["next"], "--json"
    ).json()
    unknown = countermand("dead-letters", "list", "--cursor", "1")

    pages = first["dead_letters"] + rest["dead_letters"]
    assert [one["dead_letter_id"] for one in pages] == [1, 2]
    assert rest["next"] is None
    assert (unknown.code, "this cursor was not given out by this list" in unknown.err) == (2, True)


def test_a_dead_letter_that_is_heard_again_and_still_bad_stays_open(countermand: Command) -> None:
    taken(countermand, "nonsense")

    said = countermand("dead-letters", "retry", "1", "--json")

    assert (said.code, said.json()) == (1, {"dead_letter_id": 1, "outcome": "dead"})
    shown = countermand("dead-letters", "show", "1", "--json").json()
    assert (shown["state"], shown["attempts"]) == ("open", 1)


def test_every_setting_is_listed_with_its_reason(countermand: Command) -> None:
    rows = countermand("settings", "--json").json()["settings"]
    said = countermand("settings").out

    assert all(row["name"] in said and row["reason"] in said for row in rows)
    assert {"name", "value", "default", "unit", "reason"} == set(rows[0])


def test_a_password_is_masked_and_a_wrong_name_is_noticed(countermand: Command) -> None:
    countermand.set(database_url="postgresql://me:sesame@127.0.0.1/db", databse_url="x")

    said = countermand("settings")

    assert "sesame" not in said.out
    assert "COUNTERMAND_DATABASE_URL=**********" in said.out
    assert said.err.startswith("COUNTERMAND_DATABSE_URL is no setting")


WRONG = [
    (["order"], 2, "Which order?"),
    (["order", "A-1", "--all"], 2, "Which order?"),
    (["order", "--all", "--as-of", "2026-01-01T00:00:00Z"], 2, "--as-of is about orders by name."),
    (["refunds", "--state", "lost"], 2, "No refund is ever lost."),
    (["ingest", "no-such-file"], 2, "There is no file no-such-file."),
    (["ingest", "."], 2, ". is a folder."),
    (
        ["run", "--role", "publish"],
        2,
        "The role publish needs Kafka, and COUNTERMAND_KAFKA_BOOTSTRAP_SERVERS is not set.",
    ),
    (["run", "--role", "dance"], 2, "There is no role dance."),
    (
        ["run", "--role", "ingest"],
        2,
        "The role ingest needs Kafka, and COUNTERMAND_KAFKA_BOOTSTRAP_SERVERS is not set.",
    ),
    (["topics", "create"], 2, "COUNTERMAND_KAFKA_BOOTSTRAP_SERVERS is not set."),
    (["audit", "verify"], 2, "`audit verify` is not built yet."),
    (["audit", "export"], 2, "`audit export` is not built yet."),
    (["audit", "explain"], 2, "`audit explain` is not built yet."),
    (["rebuild", "everything"], 2, "There is no view everything."),
    (["dead-letters", "list", "--state", "alive"], 2, "No letter is alive."),
    (["simulate", "--to", "endless.jsonl"], 2, "That file would never end."),
    (["simulate", "--world", "flat"], 2, "There is no world flat."),
    (["simulate", "--share", "luck=0.5"], 2, "There is no share luck."),
    (["simulate", "--share", "lost"], 2, "'lost' is no share."),
    (["order", "A-1"], 69, "the database does not answer: "),
    (["ingest", "-"], 69, "the database does not answer: "),
    (["status"], 69, "the database does not answer: "),
]


@pytest.mark.parametrize(
    ("words", "code", "what"), WRONG, ids=lambda v: " ".join(v) if isinstance(v, list) else ""
)
def test_an_error_is_a_line_what_is_wrong_and_a_line_what_to_do(
    words: list[str], code: int, what: str, here: Callable[..., Said]
) -> None:
    said = here(*words)

    assert (said.code, said.out) == (code, "")
    lines = said.err.splitlines()
    assert what in lines[0]
    assert len(lines) == 2, said.err


def test_a_wrong_setting_is_an_error_of_two_lines(without_database: Command) -> None:
    without_database.set(partitions="many")

    said = without_database("order", "A-1")

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("COUNTERMAND_PARTITIONS: ")
    assert len(said.err.splitlines()) == 2


def test_an_embedded_server_that_stopped_is_not_blamed_on_a_setting(
    without_database: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(without_database.folder)
    monkeypatch.delenv("COUNTERMAND_DATABASE_URL", raising=False)

    told = explain(StoreUnavailable("the database does not answer: no such file"))

    assert (told.code, told.what) == (69, "The embedded PostgreSQL stopped.")
    assert told.next == "Run the command again, it starts a new one; what was recorded stays."


def test_a_database_url_of_another_kind_is_a_wrong_setting(without_database: Command) -> None:
    without_database.set(database_url="mysql://a:sesame@b/c")

    said = without_database("status")

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("COUNTERMAND_DATABASE_URL: must be like postgresql://")
    assert "sesame" not in said.err


def test_an_unknown_order_says_where_to_look(countermand: Command) -> None:
    said = countermand("order", "A-1", "--json")

    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines() == [
        "Not known: A-1.",
        "Its messages may be parked, or the views behind: see `countermand status`.",
    ]


def test_a_letter_that_is_not_there_says_where_to_look(countermand: Command) -> None:
    said = countermand("dead-letters", "show", "5")

    assert (said.code, said.err.splitlines()[0]) == (1, "There is no dead letter 5.")


def test_a_file_that_is_cut_off_or_damaged_is_no_success(
    countermand: Command, tmp_path: Path
) -> None:
    countermand("simulate", "--orders", "50", "--to", "world.jsonl.gz")
    whole = (tmp_path / "world.jsonl.gz").read_bytes()
    middle = len(whole) // 2
    bad = {
        "cut": whole[:-100],
        "damaged": whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :],
        "nonsense": b"\x1f\x8bnonsense",
    }

    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        said = countermand("ingest", name)

        assert (said.code, said.out) == (1, "")
        assert said.err.startswith("The file is cut off or damaged: ")
        assert len(said.err.splitlines()) == 2


def test_ctrl_c_is_an_exit_code_of_its_own(countermand: Command) -> None:
    with countermand.start("simulate") as endless:
        assert endless.stdout is not None
        endless.stdout.readline()
        endless.send_signal(signal.SIGINT)
        _, errors = endless.communicate(timeout=SECONDS)

    assert (endless.returncode, errors) == (130, b"Interrupted; what was done until now stays.\n")


def test_what_is_no_utf8_is_said(countermand: Command) -> None:
    said = countermand("order", os.fsdecode(b"\xff"))

    assert (said.code, said.err.splitlines()[1]) == (2, "Write it in UTF-8.")


def test_control_characters_are_shown_not_obeyed(countermand: Command) -> None:
    assert countermand("order", "A\x1b[31m").err.startswith("Not known: A\\x1b[31m.")


def test_who_has_seen_enough_may_close_the_pipe(countermand: Command) -> None:
    with countermand.start("simulate", "--seed", "3") as endless:
        assert endless.stdout is not None
        endless.stdout.readline()
        endless.stdout.close()
        assert endless.stderr is not None
        said = endless.stderr.read()

    assert (endless.returncode, said) == (1, b"")


def test_a_simulated_file_is_the_same_for_the_same_seed(countermand: Command) -> None:
    told = [countermand("simulate", "--seed", "5", "--orders", "20").out for _ in range(2)]
    other = countermand("simulate", "--seed", "6", "--orders", "20").out

    assert told[0] == told[1] != other
    assert len(countermand("simulate", "--messages", "7").out.splitlines()) == 7


def test_a_simulated_world_has_the_shares_that_were_asked_for(countermand: Command) -> None:
    calm = ["--duplicates", "0", "--broken", "0", "--out-of-order", "0", "--orphans", "0"]
    said = countermand("simulate", "--orders", "50", *calm, "--to", "calm.jsonl", "--json")

    counted = said.json()
    assert (counted["broken"], counted["duplicates"], counted["late"]) == (0, 0, 0)
    code, answer = taken(countermand, (countermand.folder / "calm.jsonl").read_text())
    assert (code, answer["recorded"] + answer["refused"]) == (0, counted["sent"])


def test_help_answers_at_once(countermand: Command) -> None:
    """It costs less processor time than the libraries that it does not need, on any machine."""

    def seconds(*words: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(words, cwd=ROOT, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    libraries = (sys.executable, "-c", "import kafka, psycopg, pydantic")
    needed, others = (
        min(seconds(*words) for _ in range(3))
        for words in ((*countermand.words, "--help"), libraries)
    )
    assert needed < others


def commands_of(text: str) -> list[str]:
    _, _, after = text.partition("Commands:\n")
    return re.findall(r"^  ([a-z-]+) ", after.partition("\n\n")[0], re.MULTILINE)


def test_every_command_explains_itself_and_every_option(countermand: Command) -> None:
    for command in commands_of(countermand("--help").out):
        said = countermand(command, "--help")
        inner = [[command, one] for one in commands_of(said.out)]
        for words in inner or [[command]]:
            told = countermand(*words, "--help").out
            bare = re.findall(r"^  --?[a-z-]+(?: [A-Z=]+)?$", told, re.MULTILINE)
            assert bare == [], f"{words} has options without a word: {bare}"
            assert re.findall(r"^  --[a-z-]+ <.*", told, re.MULTILINE) == [], "not in capitals"
            assert re.findall(r"^  --[a-z-]*[A-Z]", told, re.MULTILINE) == [], "name in capitals"


def test_the_version_is_the_distributions(countermand: Command) -> None:
    assert re.fullmatch(r"countermand \d+\.\d+\.\d+\n", countermand("--version").out)


def test_every_command_of_the_readme_exists(countermand: Command) -> None:
    known = set(commands_of(countermand("--help").out))
    told = set(re.findall(r"countermand ([a-z][a-z-]+)", (ROOT / "README.md").read_text()))

    assert told - known - {"hears", "makes", "is"} == set()


def test_a_long_file_is_followed_by_a_helper_that_ends_with_its_parent(
    countermand: Command, postgres_url: str
) -> None:
    countermand("simulate", "--world", "bench", "--orders", "4000", "--to", "long.jsonl")
    helped = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%follower/views'"
    with psycopg.connect(postgres_url, autocommit=True) as conn:

        def helpers() -> int:
            (row,) = conn.execute(helped).fetchall()
            return int(row[0])

        with countermand.start("ingest", "long.jsonl") as killed:
            until(lambda: helpers() == 1)
            killed.kill()
        until(lambda: helpers() == 0)

        said = countermand("ingest", "long.jsonl", "--json").json()

        assert said["recorded"] + said["repeated"] == 20_000
        until(lambda: helpers() == 0)  # the server misses it some time after
    assert countermand("status").code == 0


@pytest.mark.parametrize("by_signal", [True, False])
def test_a_role_ends_cleanly_with_its_parent_or_when_told_to(
    by_signal: bool,  # noqa: FBT001
    countermand: Command,
) -> None:
    with subprocess.Popen(
        [*countermand.words, "run", "--while-stdin", "--role", "project"],
        cwd=countermand.folder,
        env=countermand.environment,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as role:
        assert role.stdin is not None
        assert role.stderr is not None
        while b"goes on from" not in (line := role.stderr.readline()):
            assert line
        role.terminate() if by_signal else role.stdin.close()
        assert role.wait(SECONDS) == 0


def test_when_one_role_ends_unasked_all_do_and_a_supervisor_is_told(
    countermand: Command,
) -> None:
    countermand.set(kafka_bootstrap_servers="127.0.0.1:1", http_bind="127.0.0.1:0")
    with countermand.start("run") as running:
        assert running.stderr is not None
        said, follows = b"", False
        while not follows:  # only then does it hear signals; other roles follow, too
            said += (line := running.stderr.readline())
            assert line, said
            follows = b"goes on from" in line and b'"role": "project"' in line
        (project,) = re.findall(rb"project \(pid (\d+)\)", said)
        os.kill(int(project), signal.SIGTERM)
        running.communicate(timeout=SECONDS)

    assert running.returncode == 70


def test_every_error_that_has_words_exists() -> None:
    """They are named by text, so that no command imports what it does not need."""
    kinds = [getattr(import_module(module), name) for module, name, *_ in KNOWN]

    assert [kind for kind in kinds if not issubclass(kind, Exception)] == []
    assert explain(RebuildRunning("another one runs")).code == 69


@pytest.mark.parametrize(
    ("length", "number", "sizes"),
    [(1, 5, [2, 2, 1]), (5_000_000, 4, [2, 2]), (9_000_000, 3, [1, 1, 1])],
)
def test_a_batch_has_fewer_lines_where_they_are_long(
    length: int, number: int, sizes: list[int]
) -> None:
    lines = [b"x" * length] * number

    assert [len(batch) for batch in service.batched(lines, 2)] == sizes


def test_a_letter_whose_bytes_are_not_whole_is_not_heard_again(countermand: Command) -> None:
    taken(countermand, "x" * 3_000_000 + "\r")

    shown = countermand("dead-letters", "show", "1")
    again = countermand("dead-letters", "retry", "1")

    kept = "3000000 bytes; only the first 1000001 are kept"
    assert kept in shown.out
    assert (again.code, again.err.splitlines()) == (
        1,
        [
            f"The bytes of letter 1 are not whole: it has {kept}.",
            "Its producer has to send it again, smaller; then `dead-letters drop` it.",
        ],
    )


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\nshort\n"])
@pytest.mark.parametrize("length", [1_000_000, 1_000_001, 1_000_002, 2_000_002, 2_000_003])
def test_the_whole_of_a_long_line_is_counted(length: int, end: bytes, tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * length + end)

    with reading.opened(str(tmp_path / "long")) as lines:
        first, *rest = lines

    assert rest == ([b"short"] if b"short" in end else [])
    assert getattr(first, "size", len(first)) == length
    assert len(first) == min(length, 1_000_001)
