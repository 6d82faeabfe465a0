"""What decision tables say where people see it has words in the other languages."""

from __future__ import annotations

import re

from lxml import etree

from engine.decisions.reading import children
from engine.models.settings import read_settings
from tests.world import ROOT

HAN = re.compile("[\u4e00-\u9fff]")


def test_names_of_decisions_and_the_axes_of_the_statistics_have_words_in_every_language() -> None:
    looked_at, missing = 0, []
    for folder in sorted((ROOT / "processes").iterdir()):
        tables = sorted(folder.glob("*.dmn"))
        known = (
            read_settings({"process.toml": (folder / "process.toml").read_bytes()}).words if tables else {}
        )
        for table in tables:
            root = etree.parse(str(table)).getroot()
            said = {node.get("name", "") for node in children(root, "decision")}
            if table.name == "reason-codes.dmn":
                entries = root.iterfind(".//{*}outputEntry/{*}text")
                said |= {(entry.text or "").strip().strip('"') for entry in entries}
            for text in filter(HAN.search, said):
                looked_at += 1
                if set(known.get(text, {})) != {"zh-Hans", "en"}:
                    missing.append((table.name, text))
    assert missing == [], "say in the family's process.toml what they are called, under [words]"
    assert looked_at > 20
