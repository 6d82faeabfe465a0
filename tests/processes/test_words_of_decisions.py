"""What decision tables say where people see it has words in the other languages."""

from __future__ import annotations

import re

from lxml import etree

from engine.decisions.reading import children
from engine.models.settings import read_settings
from tests.world import ROOT

SHOWN = ("reason-codes.dmn", "emergency.dmn")
"""The tables whose answers are shown: where a case belongs in the statistics, the steps of the plan."""
QUOTED = re.compile('"([^"]*)"')
HAN = re.compile("[\u4e00-\u9fff]")


def test_names_of_decisions_and_the_answers_that_pages_show_have_words_in_every_language() -> None:
    looked_at, missing = 0, []
    for folder in sorted((ROOT / "processes").iterdir()):
        tables = sorted(folder.glob("*.dmn"))
        known = (
            read_settings({"process.toml": (folder / "process.toml").read_bytes()}).words if tables else {}
        )
        for table in tables:
            root = etree.parse(str(table)).getroot()
            said = {node.get("name", "") for node in children(root, "decision")}
            if table.name in SHOWN:
                entries = root.iterfind(".//{*}outputEntry/{*}text")
                said |= {text for entry in entries for text in QUOTED.findall(entry.text or "")}
            for text in filter(HAN.search, said):
                looked_at += 1
                if set(known.get(text, {})) != {"zh-Hans", "en"}:
                    missing.append((table.name, text))
    assert missing == [], "say in the family's process.toml what they are called, under [words]"
    assert looked_at > 20
