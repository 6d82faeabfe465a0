"""What the records and texts of quality files are called."""

from __future__ import annotations

from typing import Final

from web.gettext import lazy_gettext as _
from web.words import Words

FILE_RECORDS: Final[Words] = {
    "commentary": _("Commentary"),
    "signature": _("Signature"),
    "contest_decision": _("Decision on the objection"),
    "correction": _("Correction"),
    "measure": _("Measure"),
    "measure_approval": _("Approval"),
    "execution": _("Carried out"),
    "quality_entry": _("Entry in the quality system"),
    "evaluation": _("Evaluation"),
    "publication": _("What is published"),
    "publication_approval": _("Approval"),
    "published": _("Published, with proof"),
    "publication_review": _("Review"),
    "major_draft": _("Draft of the report"),
    "major_approval": _("Approval"),
    "major_sent": _("Sent, with receipt"),
    "inquiry_assignment": _("Person in charge"),
    "inquiry_contribution": _("What is known"),
    "inquiry_review": _("Review of what is given"),
    "inquiry_approval": _("Approval"),
    "inquiry_sent": _("Sent, with receipt"),
    "late_answer": _("Why it was late"),
    "rectification": _("What is required"),
    "rectification_report": _("What was done"),
    "rectification_confirmation": _("Confirmation"),
    "return_mending": _("Data mended"),
    "return_approval": _("Approval"),
    "return_sent": _("Filed, with receipt"),
    "plan": _("Plan"),
    "plan_approval": _("Approval"),
    "conclusion": _("Conclusion"),
    "checklist": _("Checklist"),
    "call_back": _("Call-back"),
    "disagreement": _("Disagreement explained"),
    "answer": _("Answer"),
    "dispute": _("Decision on the dispute"),
    "follow_up": _("Follow-up"),
    "verification": _("Verification"),
    "assessment": _("Assessment"),
    "no_fault": _("Confirmed that nobody is at fault"),
    "facts": _("Facts established"),
    "statement": _("Statement"),
    "more_time": _("More time"),
    "silence": _("No statement in time"),
    "proposal": _("Proposal"),
    "decision": _("Decision"),
    "co_decision": _("Sanction confirmed"),
    "receipt": _("Decision received"),
    "appeal": _("Decision on the appeal"),
}
FILE_TEXTS: Final[Words] = {
    "problem": _("What is to become better"),
    "reason": _("Why it is reported"),
    "question": _("What is asked"),
    "opinion": _("What is to be put right"),
    "finding_text": _("Text of the finding"),
    "contest_reason": _("Why it is contested"),
}
