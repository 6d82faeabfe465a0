"""A form's conditions mean here what they mean in the browser, but for what is listed."""

from __future__ import annotations

import json

from tests.feel.browser import FEELIN, HERE, here, in_the_browser, same

SHARED = HERE / "shared_expressions.json"
DIFFERENCES = json.loads((HERE / "known_differences.json").read_text())


def test_the_interpreter_beside_ours_is_the_one_that_forms_are_drawn_with():
    lock = json.loads((HERE.parent.parent / "web/frontend/package-lock.json").read_text())
    installed = json.loads((FEELIN.parent.parent / "package.json").read_text())
    assert installed["version"] == lock["packages"]["node_modules/@bpmn-io/feelin"]["version"]


def test_expressions_yield_the_same_as_in_the_browser_but_for_the_known_differences():
    cases = json.loads(SHARED.read_text())
    assert len(cases) >= 300
    found = {}
    for (text, context), browser in zip(cases, in_the_browser(SHARED), strict=True):
        ours = here(text, context)
        if not same(ours, browser):
            found[text] = ours, browser
    assert found.keys() == DIFFERENCES.keys()
    for text, (ours, browser) in found.items():
        assert same(DIFFERENCES[text]["ours"], ours), text
        assert same(DIFFERENCES[text]["browser"], browser), text
        assert DIFFERENCES[text]["standard"]
