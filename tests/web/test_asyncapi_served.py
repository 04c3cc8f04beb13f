"""AsyncAPI and OpenAPI as they are had: from a service, and from the command line alone."""

from __future__ import annotations

from pathlib import Path

from tests.support.command import Command
from tests.support.web import Api, api_of
from web.app import described
from web.asyncapi.document import document
from web.asyncapi.kafka import Installed
from web.security.auth import Auth


def test_a_service_says_how_its_own_topics_are_called(module_postgres_url: str) -> None:
    topics = Installed("shop.", "shop-ingest")
    with api_of(module_postgres_url, topics=topics) as api:
        served = api.client.get("/asyncapi.json")

    assert (served.status_code, served.headers["content-type"]) == (200, "application/json")
    assert served.json() == document(topics)
    assert served.json()["channels"]["storefront"]["address"] == "shop.storefront"


def test_the_command_line_prints_it_where_nothing_runs(tmp_path: Path) -> None:
    settings = {
        "topic_prefix": "shop.",
        "kafka_group": "g",
        "partitions": "8",
        "replication": "3",
        "kafka_security_protocol": "SASL_SSL",
        "kafka_sasl_mechanism": "PLAIN",
    }
    printed = Command(tmp_path, **settings)("schema", "asyncapi").json()

    assert printed == document(Installed("shop.", "g", 8, 3, "SASL_SSL", "PLAIN"))


def test_the_command_line_prints_the_http_api_as_it_is_served(api: Api, tmp_path: Path) -> None:
    printed = Command(tmp_path)("schema", "openapi").json()

    assert printed == api.client.get("/openapi.json").json() == described(Auth())
