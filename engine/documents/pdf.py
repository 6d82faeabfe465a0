"""A plain letter as PDF: A4, a title and paragraphs, in the Chinese glyphs of its language."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from engine.errors import ConfigurationError

FONT_FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts")
FONT_FILE: Final = "NotoSansCJK-Regular.ttc"
FACES: Final = {"zh-Hans": 2, "zh-Hant": 3, "en": 2}
"""Which face of the collection has a language's own glyphs: it holds JP, KR, SC, TC and HK in this order."""


def pdf_of(title: str, paragraphs: Iterable[str], language: str) -> bytes:
    """Return the letter. Raises ConfigurationError where the font is not installed."""
    from fpdf import FPDF  # 0.5 s to import, for the few who write letters

    pdf = FPDF(format="A4")
    pdf.set_title(title)
    pdf.set_margins(25, 25)
    pdf.set_auto_page_break(auto=True, margin=25)
    pdf.add_font("letter", fname=find_font(), collection_font_number=FACES.get(language, 3))
    pdf.add_page()
    pdf.set_font("letter", size=16)
    pdf.multi_cell(0, 9, title, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("letter", size=11)
    for paragraph in paragraphs:
        pdf.ln(3)
        pdf.multi_cell(0, 7, paragraph, align="L", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def find_font() -> Path:
    """Return where the Chinese font lies. Raises ConfigurationError saying how to install it."""
    for folder in FONT_FOLDERS:
        found = next(Path(folder).rglob(FONT_FILE), None)
        if found is not None:
            return found
    raise ConfigurationError(
        f"the font of letters, {FONT_FILE}, is not installed: apt-get install fonts-noto-cjk"
    )
