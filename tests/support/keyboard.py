"""A page used by its keyboard alone: Tab to what is wanted, seeing on the way where one is."""

from __future__ import annotations

from playwright.sync_api import Page

MOST = 80
"""Steps in which everything on a page of the cancel flow is reached."""
_FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const labels = one.labels?.length ? [...one.labels] : [one];
  const label = labels.map(one => one.innerText).join(' ');
  const style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  return {
    name: label.replace(/\\s+/g, ' ').trim(),
    outline: parseFloat(style.outlineWidth) * (style.outlineStyle === 'none' ? 0 : 1),
    is_seen: box.bottom > 0 && box.top < innerHeight && box.width > 0,
  };
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until that is focused; whatever is focused on the way has to show it."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        found = page.evaluate(_FOCUSED)
        if found is None:
            continue
        assert found["outline"] >= 2, found
        assert found["is_seen"], found
        if found["name"].startswith(name):
            return
    raise AssertionError(f"{name} is not reached by Tab")


def press_on(page: Page, name: str, key: str) -> None:
    tab_to(page, name)
    page.keyboard.press(key)
