"""The stylesheet and the few other files of pages; an address with a digest is kept for ever."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request
from fastapi.responses import FileResponse

from web.pages.rendering import STATIC_FILES, static
from web.problems import not_found
from web.within import Below

router = Below("/static", include_in_schema=False)

_NAME = r"^[a-z0-9-]{1,40}\.(css|js|svg)$"
_FOR_EVER = "public, max-age=31536000, immutable"
_A_WHILE = "public, max-age=300"


@router.get("/static/{name}")
def file(request: Request, name: Annotated[str, Path(pattern=_NAME)]) -> FileResponse:
    """A file by its name."""
    found = STATIC_FILES / name
    if not found.is_file():
        raise not_found(f"file {name}")
    kept = _FOR_EVER if static(name).endswith(f"?{request.url.query}") else _A_WHILE
    return FileResponse(found, headers={"cache-control": kept})
