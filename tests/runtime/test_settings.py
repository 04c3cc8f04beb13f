"""Settings: every one has a default, a reason, and one reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime import settings
from runtime.settings import BadSettings, Settings


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` and no variables of the machine's."""
    monkeypatch.chdir(tmp_path)
    for name in settings.whole_environment():
        if name.startswith(settings.PREFIX):
            monkeypatch.delenv(name)


def test_everything_has_a_default() -> None:
    loaded = settings.load()

    assert loaded.database_url is None
    assert loaded.data_dir == Path(".countermand")
    assert loaded.kafka_bootstrap_servers is None
    assert loaded.topic_prefix == "countermand."
    assert loaded.partitions == 4


def test_every_setting_says_why_one_would_change_it() -> None:
    rows = list(settings.listed(settings.load()))

    assert [row.name for row in rows if not row.reason.endswith(".")] == []
    assert all(row.name.startswith("COUNTERMAND_") for row in rows)


def test_every_number_says_its_unit() -> None:
    rows = {row.name: row for row in settings.listed(settings.load())}
    without = [
        name
        for name, field in Settings.model_fields.items()
        if field.annotation in (int, float) and not rows[f"COUNTERMAND_{name.upper()}"].unit
    ]

    assert without == []


def test_a_variable_wins_over_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("COUNTERMAND_PARTITIONS=8\nCOUNTERMAND_TOPIC_PREFIX=test.\n")
    monkeypatch.setenv("COUNTERMAND_PARTITIONS", "12")

    loaded = settings.load()

    assert (loaded.partitions, loaded.topic_prefix) == (12, "test.")


def test_an_empty_variable_is_an_absent_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERMAND_DATABASE_URL", "")

    assert settings.load().database_url is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COUNTERMAND_PARTITIONS", "many"),
        ("COUNTERMAND_PARTITIONS", "0"),
        ("COUNTERMAND_DATABASE_POOL_SIZE", "2"),
        ("COUNTERMAND_FOLLOW_POLL", "20"),
        ("COUNTERMAND_DEAD_SHARE", "1.5"),
        ("COUNTERMAND_KAFKA_BOOTSTRAP_SERVERS", "somewhere"),
        ("COUNTERMAND_TOPIC_PREFIX", "a b"),
        ("COUNTERMAND_LOG_LEVEL", "loud"),
        ("COUNTERMAND_DATABASE_URL", "mysql://a/b"),
        ("COUNTERMAND_DATABASE_URL", "postgresql://a/b?no_such_word=1"),
        ("COUNTERMAND_DATABASE_URL", "postgresql://a:%zz@b/c"),
        ("COUNTERMAND_KAFKA_SESSION_TIMEOUT", "1"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(BadSettings, match=f"^{name}: "):
        settings.load()


def test_a_secret_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERMAND_DATABASE_URL", "postgresql://me:sesame@127.0.0.1/db")
    monkeypatch.setenv("COUNTERMAND_KAFKA_PASSWORD", "sesame")

    loaded = settings.load()

    assert "sesame" not in repr(loaded)
    assert "sesame" not in str(list(settings.listed(loaded)))


def test_a_wrong_secret_is_not_repeated_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERMAND_KAFKA_BOOTSTRAP_SERVERS", "user:sesame@host")
    monkeypatch.setenv("COUNTERMAND_DATABASE_URL", "mysql://user:sesame@host/a")

    with pytest.raises(BadSettings) as error:
        settings.load()

    assert "sesame" not in str(error.value)


def test_a_name_that_is_no_setting_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERMAND_DATABASE_ULR", "postgresql:///x")

    assert settings.unknown_names() == ["COUNTERMAND_DATABASE_ULR"]


@pytest.mark.parametrize(
    ("value", "said"), [("true", True), ("1", True), ("", False), ("0", False)]
)
def test_ci_means_that_nobody_is_there(
    value: str,
    said: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CI", value)

    assert settings.in_ci() == said
