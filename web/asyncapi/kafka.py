"""What of an installation's Kafka its document says: names and numbers, no addresses of brokers."""

from __future__ import annotations

from typing import NamedTuple

from consumers.topics import LARGEST, SAID
from web.asyncapi.schemas import Schema

BINDING = {"bindingVersion": "0.5.0"}


class Installed(NamedTuple):
    """The settings that others have to know."""

    prefix: str = "countermand."
    group: str = "countermand-ingest"
    partitions: int = 4
    """As `countermand topics create` makes them."""
    replicas: int = 1
    protocol: str = "PLAINTEXT"
    mechanism: str | None = None
    """How clients log in."""

    @property
    def translating_group(self) -> str:
        return f"{self.group}-translate"


_SECURITY = {"PLAIN": "plain", "SCRAM-SHA-256": "scramSha256", "SCRAM-SHA-512": "scramSha512"}


def channel_binding(installed: Installed, channel: str) -> Schema:
    """The topic, as it is made."""
    found: Schema = {
        "topic": installed.prefix + channel,
        "partitions": installed.partitions,
        "replicas": installed.replicas,
        **BINDING,
    }
    if channel in SAID:
        found["topicConfiguration"] = {"max.message.bytes": LARGEST}
    return {"kafka": found}


def operation_binding(group: str | None) -> Schema:
    """The consumer group that hears a topic; none: we speak."""
    found: Schema = {} if group is None else {"groupId": {"type": "string", "const": group}}
    return {"kafka": {**found, **BINDING}}


def server(installed: Installed) -> Schema:
    """The brokers, which the document does not name."""
    found: Schema = {
        "host": "{bootstrap}",
        "protocol": "kafka" if installed.protocol == "PLAINTEXT" else "kafka-secure",
        "description": (
            f"Apache Kafka, by {installed.protocol}. The brokers are those of"
            " `COUNTERMAND_KAFKA_BOOTSTRAP_SERVERS`; ask whoever runs countermand."
        ),
        "variables": {
            "bootstrap": {
                "description": "Host and port of a broker.",
                "default": "localhost:9092",
            }
        },
    }
    if installed.mechanism is not None:
        found["security"] = [{"$ref": "#/components/securitySchemes/login"}]
    return found


def security_schemes(installed: Installed) -> Schema:
    """How clients log in to the brokers; nothing: they do not."""
    if installed.mechanism is None:
        return {}
    return {"login": {"type": _SECURITY[installed.mechanism], "description": "SASL of Kafka."}}
