"""Topic `dead-letters`: the headers of what could not be taken; its value is the record's own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from consumers.messages import Contract
from consumers.said.parts import Code, Id, MessageId, Time

Number = Annotated[str, Field(pattern=r"^-?[0-9]{1,19}$")]
"""A number, as text: headers hold nothing else."""


def _header(name: str) -> str:
    return "content-type" if name == "content_type" else f"ce_{name}"


class DeadLetter(Contract):
    """A CloudEvent in binary mode. Its data are the record's bytes, as they came."""

    model_config = ConfigDict(alias_generator=_header)

    specversion: Literal["1.0"]
    id: MessageId
    source: Literal["/countermand"]
    type: Literal["DeadLetter"]
    dataschema: Literal["urn:countermand:dead-letters:DeadLetter/v1"]
    time: Time
    subject: Id | None = None
    rule: Code
    field: str | None = None
    detail: Annotated[str, Field(max_length=2_000)] | None = None
    originaltopic: str | None = None
    originalpartition: Number | None = None
    originaloffset: Number | None = None
    originalsource: str | None = None
    originalid: str | None = None
    originaltype: str | None = None
    originalsize: Number | None = None
    originalkeysize: Number | None = None
    originalheaders: Number | None = None
    content_type: Literal["application/octet-stream"] | None = None
