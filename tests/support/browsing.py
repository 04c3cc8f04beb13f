"""Pages in a real Chromium: a window of somebody, what it asked for, and how it is looked at.

Everything that a window hears of going wrong is kept: requests that leave this machine, errors of
scripts, what the content security policy stopped.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)
from typing_extensions import override

from tests.support.command import ROOT

SECONDS = 120
"""The longest that anything on a page is waited for: this machine may be busy."""
LARGEST = 100_000
"""Bytes of a page with its style and scripts, as they are before they are packed."""
HEIGHT = {390: 844, 1440: 900}
WEIGHED = ("document", "stylesheet", "script")
Scheme = Literal["light", "dark"]


class Look(NamedTuple):
    """How a page is looked at."""

    scheme: Scheme
    width: int

    @override
    def __str__(self) -> str:
        return f"{self.scheme}-{'narrow' if self.width < 800 else 'wide'}"


LOOKS = (Look("light", 1440), Look("dark", 1440), Look("light", 390), Look("dark", 390))
CROSSED = (LOOKS[0], LOOKS[3])
"""Each width and each scheme once: contrast is a matter of the one, and room of the other."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, as the tests find it."""
    found = subprocess.run(
        [ROOT / "deploy" / "chromium"], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    expect.set_options(timeout=SECONDS * 1_000)
    with sync_playwright() as playwright:
        # No sandbox: the tests run as root, and see pages of ours only.
        browser = playwright.chromium.launch(
            executable_path=found.stdout.strip(),
            timeout=SECONDS * 1_000,
            chromium_sandbox=False,
            args=["--disable-dev-shm-usage", "--disable-background-networking"],
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """A window of somebody."""

    page: Page
    base: str
    runs_scripts: bool = True
    """Without, a page can be read and used, and not be looked through by axe-core."""
    trouble: list[str] = field(default_factory=list)
    loaded: dict[str, Response] = field(default_factory=dict)
    """The page that was opened last, with its style and scripts."""

    def go(self, address: str) -> Page:
        """Open an address of ours; wait until all of it is there."""
        self.page.goto(self.base + address)
        return self.page

    def look(self, look: Look) -> None:
        self.page.emulate_media(color_scheme=look.scheme)
        self.page.set_viewport_size({"width": look.width, "height": HEIGHT[look.width]})

    @property
    def weight(self) -> int:
        """Bytes of the page with its style and scripts, not packed."""
        return sum(len(one.body()) for one in self.loaded.values())

    def violations(self) -> list[str]:
        """What axe-core finds wrong, by all its rules."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_AXE)
        return list(self.page.evaluate(_VIOLATIONS))

    def sideways(self, *widths: int) -> list[str]:
        """What makes the page scroll sideways at such widths; nothing where it does not."""
        found: list[str] = []
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": 900})
            found += [f"{width}: {one}" for one in self.page.evaluate(_SIDEWAYS)]
        return found

    def picture(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=True, animations="disabled")


def until_on(page: Page, text: str) -> Page:
    """Load the page again and again until it says that."""
    end = time.monotonic() + SECONDS
    while text not in page.locator("main").inner_text():
        assert time.monotonic() < end, page.locator("main").inner_text()
        page.reload()
    return page


_AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
_VIOLATIONS = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations']});
  return found.violations.flatMap(one => one.nodes.map(
    node => `${one.id}: ${node.html.slice(0, 200)} ${node.failureSummary.slice(0, 300)}`));
}"""
_SIDEWAYS = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > wide + 1)
    .map(one => `${one.tagName}.${one.getAttribute('class')} ${one.textContent.slice(0, 60)}`)
    .slice(-5);
}"""


@contextmanager
def window(
    browser: Browser, base: str, persona: str = "", *, scripts: bool = True, width: int = 1440
) -> Iterator[Window]:
    """A window of somebody, with cookies of its own. At its end nothing may have gone wrong."""
    context = browser.new_context(
        java_script_enabled=scripts,
        viewport={"width": width, "height": HEIGHT[width]},
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    context.set_default_timeout(SECONDS * 1_000)
    try:
        if persona:
            context.add_cookies([{"name": "persona", "value": persona, "url": base}])
        shown = Window(context.new_page(), base, scripts)
        _listen(context, shown)
        yield shown
        assert shown.trouble == []
    finally:
        context.close()


def _listen(context: BrowserContext, shown: Window) -> None:
    def asked(request: Request) -> None:
        if urlsplit(request.url).hostname != "127.0.0.1":
            shown.trouble.append(f"asked for {request.url}")

    def answered(response: Response) -> None:
        kind = response.request.resource_type
        if kind in WEIGHED and response.status not in {204, 303, 304}:
            if kind == "document":
                shown.loaded.clear()
            shown.loaded[response.url] = response

    def said(message: ConsoleMessage) -> None:
        # An answer that says no is said by the browser, too.
        if message.type == "error" and "Failed to load resource" not in message.text:
            shown.trouble.append(message.text)

    context.on("request", asked)
    context.on("response", answered)
    context.on("console", said)
    shown.page.on("pageerror", lambda error: shown.trouble.append(str(error)))
