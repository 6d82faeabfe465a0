"""Walking through a page with Tab alone: what is passed over, and what does not show its focus."""

from __future__ import annotations

from playwright.sync_api import Page, expect

# What can be used, as far as it is to be seen. Of radio buttons of one name Tab reaches one, arrows the rest.
_PREPARE = """() => {
  const usable = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
  const look = each => {
    const style = getComputedStyle(each);
    return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.borderColor,
      style.backgroundColor].join(' ');
  };
  const around = each => [each, each.parentElement, each.parentElement?.parentElement].filter(Boolean);
  const seen = each => each.checkVisibility({visibilityProperty: true}) && each.getClientRects().length > 0;
  const all = [...document.querySelectorAll(usable)].filter(
    each => seen(each) && !each.disabled && each.tabIndex >= 0 && !each.closest('[inert]'));
  const before = new Map(all.map(each => [each, around(each).map(look)]));
  const walked = window.walked = {all, reached: new Set(), unseen: new Set()};
  document.addEventListener('focusin', event => {
    const each = event.target;
    walked.reached.add(each);
    const outlined = getComputedStyle(each).outlineStyle !== 'none';
    const changed = before.has(each) && around(each).some((one, at) => look(one) !== before.get(each)[at]);
    if (before.has(each) && !outlined && !changed) walked.unseen.add(each);
  });
  document.activeElement?.blur();
  return all.length;
}"""
_TELL = """() => {
  const {all, reached, unseen} = window.walked;
  const named = each => each.outerHTML.replace(/\\s+/g, ' ').slice(0, 160);
  const radio = each => each.type === 'radio' &&
    all.some(other => other.type === 'radio' && other.name === each.name && reached.has(other));
  return [
    ...all.filter(each => each.isConnected && !reached.has(each) && !radio(each)).map(
      each => 'not reached: ' + named(each)),
    ...[...unseen].map(each => 'does not show the focus: ' + named(each)),
  ];
}"""
_BELOW_THE_FIRST = "document.querySelector('.fjs-dropdownlist-item:not(:first-child).focused') !== null"
_MOST_PRESSES = 200
_SPARE = 10
"""Beyond what is counted: the way through the browser's own bar, and parts of fields such as dates."""


def press_and_arrive(page: Page, key: str = "Enter") -> None:
    """Press a key that leads to another page, and wait until that one is there, with its scripts: they may
    move the focus, and what the page before shows must not count.
    """
    with page.expect_event("load"):
        page.keyboard.press(key)


def choose_another(page: Page) -> None:
    """Choose an option that is not the first, of the list that has just opened at the field with the focus.

    The list hears keys from a moment after it is drawn: who presses them at once, as no hand does, is not
    heard.
    """
    items = page.locator(".fjs-dropdownlist-item")
    expect(items.nth(1)).to_be_visible()
    for _ in range(_MOST_PRESSES):
        page.keyboard.press("ArrowDown")
        if page.evaluate(_BELOW_THE_FIRST):
            break
    page.keyboard.press("Enter")
    expect(items).to_have_count(0)


def left_out(page: Page) -> list[str]:
    """Press Tab once around the page; return what it did not reach and what does not show its focus."""
    count: int = page.evaluate(_PREPARE)
    assert count > 3, "there is nothing to walk through"
    dates = page.locator("input[type=date], input[type=datetime-local]").count()
    for _ in range(count + 6 * dates + _SPARE):
        page.keyboard.press("Tab")
    found: list[str] = page.evaluate(_TELL)
    return found
