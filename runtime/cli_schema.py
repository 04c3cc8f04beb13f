"""`schema`: what others program against, as documents."""

from __future__ import annotations

import typer

from runtime.cli_answers import say

schema = typer.Typer(no_args_is_help=True, help="What others program against, as documents.")


def add_to(app: typer.Typer) -> None:
    schema.command()(asyncapi)
    schema.command()(openapi)
    app.add_typer(schema, name="schema")


def asyncapi() -> None:
    """Print the messages on all topics, as AsyncAPI 3.1: what `/asyncapi.json` serves.

    Nothing has to run. Topics and groups are named as the settings say.
    """
    from runtime import brokers, settings
    from web.asyncapi.document import document

    _print(document(brokers.installed(settings.load())))


def openapi() -> None:
    """Print the HTTP API, as OpenAPI 3.1: what `/openapi.json` serves.

    Nothing has to run. It says how callers are known by the settings.
    """
    from runtime import identity, settings
    from web.app import described

    _print(described(identity.auth(settings.load())))


def _print(document: object) -> None:
    import json

    say(json.dumps(document, indent=2, ensure_ascii=False))
