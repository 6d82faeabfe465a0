"""The words for what quality files hold: statuses, records, metrics, causes."""

from __future__ import annotations

from typing import Final

from web import measures
from web.gettext import lazy_gettext as _
from web.measures import MEASURE_STATUSES, REPORT_STATUSES
from web.words import CATEGORIES, CHANNELS, Words

CLASS_MEANINGS: Final[Words] = {
    "催收與聯絡方式": _("Collection and how customers are contacted"),
    "服務態度、響應時間、處理結果": _("Attitude, time to respond, result of handling"),
    "產品設計、利率、費用": _("Design of products, interest, fees"),
    "申請、還款、賬戶管理流程": _("Application, repayment, keeping accounts"),
    "法律法規、政策執行": _("Laws and rules, carrying out policy"),
    "無法判斷，請由人確定": _("What fits no other class"),
}
"""What the table of classes says, by its words; what an owner words otherwise is shown as it is written."""
KINDS: Final[Words] = {
    "publication": _("Publicity"),
    "report": _("Analysis reports"),
    "contest": _("Contested figures"),
    "inspection": _("Inspections"),
    "coding": _("Second coding"),
    "finding": _("Findings"),
    "conformance": _("Conformance"),
    "improvement": _("Improvement measures"),
    "regulator": _("Regulator"),
    "accountability": _("Accountability"),
    "own": _("My matters"),
}
MEANINGS: Final[Words] = {
    "accountability": _("Who shirked, delayed or fobbed off answers for it; its parties alone see a file."),
    "own": _("What you are asked to answer for: the charge, your statement, the decision, your appeal."),
    "publication": _(
        "What customers are told of the channels and the process: where, until when, and the proof."
    ),
    "regulator": _(
        "What the regulator is told and asks: reports of major events, inquiries, returns, rectification."
    ),
    "inspection": _(
        "Cases are drawn by risk and checked by the supervision group; customers are called back."
    ),
    "coding": _(
        "Closed cases are coded again by somebody who does not see the first coding: whether two people read "
        "the definitions alike."
    ),
    "finding": _("What inspections found: accepted or disputed, put right by a date, verified."),
    "conformance": _("What happened to cases, held against the diagrams that they ran under."),
    "contest": _(
        "Frozen figures that somebody objects to: decided by a superior, corrected as a new version."
    ),
    "improvement": _("What is to become better: its cause, its target, who does it, and whether it helped."),
}
STATUSES: Final[Words] = {
    **REPORT_STATUSES,
    **MEASURE_STATUSES,
    "planned": _("Planned"),
    "published": _("Published"),
    "taken_down": _("Taken down"),
    "due": _("To be reported"),
    "sent": _("Sent"),
    "waived": _("Not to be reported"),
    "closed": _("Closed"),
    "received": _("Received"),
    "answered": _("Answered in time"),
    "answered_late": _("Answered late"),
    "generated": _("Generated"),
    "filed": _("Filed"),
    "checking": _("Cases are checked"),
    "concluded": _("Concluded"),
    "drawn": _("Drawn"),
    "checked": _("Checked"),
    "completed": _("Completed"),
    "found": _("Found"),
    "confirmed": _("Stands"),
    "followed_up": _("Put right, to be verified"),
    "sent_back": _("Not put right: to be done again"),
    "lifted": _("Lifted"),
}
CAUSES: Final[Words] = {
    "process": _("Process"),
    "staff": _("Staff and service"),
    "system": _("System"),
    "product": _("Product design"),
    "partner": _("Partner"),
    "information": _("Information given"),
    "customer": _("The customer's side"),
    "other": _("Other"),
}
VERDICTS: Final[Words] = {
    "effective": _("Effective"),
    "short_of_target": _("Better, but short of the target"),
    "no_effect": _("No clear effect"),
    "worse": _("Worse"),
    "unclear": _("Nothing to compare"),
}
ENTRIES: Final[Words] = {
    "revised": _("Document revised"),
    "new": _("New document"),
    "model": _("Process model changed"),
    "none": _("None needed"),
}
SCOPE: Final = {
    "scope_category": (_("Category"), CATEGORIES),
    "scope_channel": (_("Channel"), CHANNELS),
    "scope_product": (_("Product"), {}),
}
METHODS: Final[Words] = {
    "risk": _("Weighted by risk"),
    "simple": _("Simple random sample"),
    "all": _("All cases"),
}
GROUPS: Final[Words] = {
    "handling": _("Intake and handling"),
    "staff": _("Staff and service"),
    "process": _("Process and result"),
}
SEVERITIES: Final[Words] = {"minor": _("Minor"), "serious": _("Serious")}
RISKS: Final[Words] = {
    "grade": _("grade 1"),
    "grade_2": _("grade 2"),
    "late": _("late"),
    "extended": _("extended"),
    "dissatisfied": _("dissatisfied"),
    "downgraded": _("downgraded"),
    "referred": _("from a regulator"),
    "repeated": _("repeat"),
}
DEVIATIONS: Final[Words] = {
    "unexpected": _("Happened without the diagram leading there"),
    "remaining": _("Demanded by the diagram, not done"),
    "skipped": _("Lies on every way, was never done"),
    "intervened": _("By hand"),
}
METRICS: Final = measures.METRICS
OCCASIONS: Final = measures.OCCASIONS
