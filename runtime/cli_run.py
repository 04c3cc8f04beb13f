"""`run` and `topics create`: the service itself."""

from __future__ import annotations

from typing import Annotated

import typer

from runtime.cli_answers import USED_WRONGLY, Json, fail, say, say_json, warn
from runtime.roles import ROLES

_EACH = " ".join(f"{name}: {role.does}." for name, role in ROLES.items())

topics = typer.Typer(no_args_is_help=True, help="The topics in Kafka.")


def add_to(app: typer.Typer) -> None:
    app.command()(run)
    topics.command()(create)
    topics.command()(restart)
    app.add_typer(topics, name="topics")


def run(
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            metavar="ROLE",
            help=f"{_EACH} May be given again. None: all that can run here.",
        ),
    ] = None,
    while_stdin: Annotated[bool, typer.Option("--while-stdin", hidden=True)] = False,
) -> None:
    """Run the service until Ctrl-C or SIGTERM.

    It ends after the batch in hand. Several roles run as processes of their own.
    """
    from runtime import http, service, settings

    loaded = settings.load()
    roles = wanted(role or [], kafka=loaded.kafka_bootstrap_servers is not None)
    if "serve" in roles:
        http.check(loaded)
    code = (
        service.run_one(loaded, roles[0], while_stdin=while_stdin)
        if len(roles) == 1
        else service.run_all(loaded, roles)
    )
    raise typer.Exit(code)


def wanted(named: list[str], *, kafka: bool) -> list[str]:
    """Check the roles. None named: all that can run here."""
    for role in named:
        if role not in ROLES:
            fail(f"There is no role {role}.", f"Choose from {', '.join(ROLES)}.", USED_WRONGLY)
    unheard = [name for name in named if ROLES[name].needs_kafka and not kafka]
    if unheard:
        fail(
            f"The role {unheard[0]} needs Kafka, and COUNTERMAND_KAFKA_BOOTSTRAP_SERVERS is not"
            " set.",
            "Set it, or bring messages by `countermand ingest FILE`.",
            USED_WRONGLY,
        )
    if named:
        return sorted(set(named), key=list(ROLES).index)
    here = [name for name, role in ROLES.items() if kafka or not role.needs_kafka]
    if not kafka:
        can = " and ".join(here)
        warn(f"No Kafka is set: messages come by `ingest` and POST /messages; here run {can}.")
    return here


def create(as_json: Json = False) -> None:
    """Make the topics that are missing.

    Each gets COUNTERMAND_PARTITIONS partitions and COUNTERMAND_REPLICATION copies.
    Topics that exist are left as they are; one with another number of partitions is an error,
    for the three inbound topics must have the same.
    """
    from runtime import brokers, settings

    made = brokers.create_topics(settings.load())
    if as_json:
        say_json({"topics": [{"topic": name, "created": new} for name, new in made.items()]})
        return
    for name, new in made.items():
        say(f"{name}: {'created' if new else 'was there'}")


def restart(topic: Annotated[str, typer.Argument(metavar="TOPIC")], as_json: Json = False) -> None:
    """Read a topic again from its beginning.

    Our positions in it are forgotten: for a topic that was deleted and made anew. What was
    recorded before is only repeated.
    """
    from runtime import brokers, settings, wiring

    loaded = settings.load()
    known = brokers.kafka_settings(loaded).topics.heard()
    if topic not in known:
        fail(f"{topic} is no inbound topic.", f"Choose from {', '.join(known)}.", USED_WRONGLY)
    from consumers import partitions

    with wiring.opened(loaded) as (_, store):
        forgotten = partitions.restart(store, topic)
    if as_json:
        say_json({"topic": topic, "positions_forgotten": forgotten})
    else:
        say(f"{topic}: read from its beginning from now on")
