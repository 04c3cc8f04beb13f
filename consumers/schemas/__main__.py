"""Write the JSON Schema of every message beside this file."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from consumers import said
from consumers.messages import MESSAGES
from consumers.saying import schema_of

FOLDER = Path(__file__).parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_files() -> dict[str, str]:
    """File name to text, for every message that we hear, and (topic before it) that we say."""
    heard = {
        f"{name}.v1.json": _schema(name, f"urn:countermand:message:{name}:v1", model)
        for name, model in MESSAGES.items()
    }
    ours = {
        f"{channel}.{name}.v1.json": _schema(name, schema_of(channel, name), model)
        for (channel, name), model in said.MESSAGES.items()
    }
    return heard | ours


def _schema(name: str, schema_id: str, model: type[BaseModel]) -> str:
    schema = {
        "$schema": DIALECT,
        "$id": schema_id,
        **model.model_json_schema(),
        "title": name,
    }
    return json.dumps(schema, indent=2, ensure_ascii=True) + "\n"


def main() -> None:
    """Write all files."""
    for name, text in schema_files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
