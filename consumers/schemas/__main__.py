"""Write the JSON Schema of every message beside this file."""

from __future__ import annotations

import json
from pathlib import Path

from consumers.messages import MESSAGES

FOLDER = Path(__file__).parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_files() -> dict[str, str]:
    """File name to text, for every message that we hear."""
    return {f"{name}.v1.json": _schema(name) for name in MESSAGES}


def _schema(name: str) -> str:
    schema = {
        "$schema": DIALECT,
        "$id": f"urn:countermand:message:{name}:v1",
        **MESSAGES[name].model_json_schema(),
        "title": name,
    }
    return json.dumps(schema, indent=2, ensure_ascii=True) + "\n"


def main() -> None:
    """Write all files."""
    for name, text in schema_files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
