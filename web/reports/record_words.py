"""The words of the figures that no complaint carries."""

from __future__ import annotations

from typing import Final

from web.gettext import lazy_gettext as _
from web.verification_words import SCOPES
from web.words import PURPOSES, Words

TOPICS: Final[Words] = {
    "channels": _("Hotline, mailbox and chat"),
    "supervision": _("Supervision"),
    "coding": _("Second coding"),
    "improvement": _("Improvement measures"),
    "training": _("Training"),
    "regulator": _("Regulator"),
    "protection": _("Personal data and the trail"),
}
FIGURES: Final[Words] = {
    "hotline-answered": _("Calls answered"),
    "hotline-abandoned": _("Calls abandoned"),
    "hotline-covered": _("Roster covered"),
    "calls-with-case": _("Complaint calls with a case"),
    "mailbox-checked": _("Mailbox checked"),
    "chats-answered": _("Chats answered"),
    "chats-called-back": _("Unanswered chats called back"),
    "cases-drawn": _("Cases drawn"),
    "checks-in-order": _("Checks without a deficiency"),
    "coded-alike-category": _("Category coded alike"),
    "coded-alike-sub-code": _("Sub-code coded alike"),
    "coded-alike-grade": _("Grade coded alike"),
    "findings-in-time": _("Findings closed in time"),
    "measures-in-time": _("Measures carried out in time"),
    "measures-effective": _("Measures shown to be effective"),
    "trained": _("People with valid training"),
    "regulator-in-time": _("Told to the regulator in time"),
    "returns-corrected": _("Returns that corrected one before"),
    "trail-verified": _("Verifications of the trail that held"),
    "reveals-with-purpose": _("Personal data shown with a purpose given"),
}
MEANINGS: Final[Words] = {
    "hotline-answered": _("Of all calls offered in the period, as the telephone system counted"),
    "hotline-abandoned": _("Given up before somebody answered, of all calls offered in the period"),
    "hotline-covered": _(
        "Minutes with somebody on the roster, of all of the period up to now: 168 hours a week"
    ),
    "calls-with-case": _("Calls tagged as a complaint that became a case, of all so tagged in the period"),
    "mailbox-checked": _("Days on which the mailbox was checked in time, of all on which it was to be"),
    "chats-answered": _("Somebody answered, of all chats begun in the period"),
    "chats-called-back": _("The customer was called back, of all chats of the period that nobody answered"),
    "cases-drawn": _("Drawn for a check, of all cases in the frames of the period's inspections"),
    "checks-in-order": _("Nothing was found to be deficient, of all cases whose check ended in the period"),
    "coded-alike-category": _(
        "By somebody who did not see the first coding, of all cases closed in the period and coded again"
    ),
    "coded-alike-sub-code": _(
        "By somebody who did not see the first coding, of all cases closed in the period and coded again"
    ),
    "coded-alike-grade": _(
        "By somebody who did not see the first coding, of all cases closed in the period and coded again"
    ),
    "findings-in-time": _(
        "Closed by their first date, of all findings whose first date lies in the period and that were not "
        "lifted: a later date, given when a finding is sent back, does not count"
    ),
    "measures-in-time": _("Carried out by their date, of all measures whose date lies in the period"),
    "measures-effective": _(
        "Effective by the comparison of before and after, of all comparisons made in the period"
    ),
    "trained": _("Of all who handle complaints now, whatever the period"),
    "regulator-in-time": _("Sent by their date, of all reports, answers and returns sent in the period"),
    "returns-corrected": _("Of all returns filed in the period"),
    "trail-verified": _("Of all verifications by schedule that ended in the period"),
    "reveals-with-purpose": _(
        "Of all times that personal data was shown in the period, by purpose: nothing less than all of them "
        "is in order"
    ),
}
VOLUME_FIELDS: Final[Words] = {
    "month": _("Month"),
    "product": _("Product"),
    "partner": _("Partner"),
    "accounts": _("Active accounts"),
    "lent": _("Lent in the month (yuan)"),
    "reason": _("Source or reason"),
    "file": _("File (CSV)"),
    "rows": _("Rows"),
}
NAMES: Final[dict[str, Words]] = {"trail-verified": SCOPES, "reveals-with-purpose": PURPOSES}
"""What records are called where their names are values."""
CODES: Final[Words] = {"category": _("Category"), "sub_code": _("Sub-code"), "grade": _("Grade")}
NOT_COUNTED: Final[Words] = {
    "conformance": _("Log against diagram: on its own page, case by case and in total."),
}
"""What section 4 of the policy names and no share counts, and what stands for it."""
