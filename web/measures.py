"""The words of figures and amounts: their names, meanings, and what they are broken down by (R44)."""

from __future__ import annotations

from typing import Final

from web.gettext import lazy_gettext as _
from web.words import CATEGORIES, CHANNELS, GRADES, Words

TOPICS: Final[Words] = {
    "timeliness": _("Timeliness"),
    "satisfaction": _("Satisfaction"),
    "repeats": _("Repeats"),
    "conduct": _("How cases are handled"),
    "outcome": _("What comes of them"),
}
FIGURES: Final[Words] = {
    "timeliness": _("Timeliness"),
    "timeliness-extended": _("Timeliness with valid extensions"),
    "timeliness-statutory": _("Timeliness by law"),
    "timeliness-closed": _("Timeliness of what was answered"),
    "satisfaction": _("Satisfied customers"),
    "satisfaction-survey": _("Satisfied by the survey alone"),
    "satisfaction-call-back": _("Satisfied by call-backs alone"),
    "call-back-reach": _("Reached by a call-back"),
    "call-back-disagreement": _("Call-back contradicts the survey"),
    "survey-response": _("Customers who said how satisfied they are"),
    "survey-invited": _("Customers who were asked"),
    "satisfaction-floor": _("Satisfied, counting silence as not"),
    "repeats": _("Repeats"),
    "repeats-30": _("Repeats within 30 days"),
    "repeats-180": _("Repeats within 180 days"),
    "repeats-after-answer": _("Repeats after the answer"),
    "urged": _("Urged before the answer"),
    "identified": _("Known by more than a name"),
    "registered-late": _("Registered late"),
    "overdue": _("Overdue now"),
    "warned-overdue": _("Overdue in spite of the warning"),
    "extensions": _("Extensions"),
    "extension-validity": _("Extensions told in time"),
    "silent": _("Left without news"),
    "plans-returned": _("Plans sent back"),
    "grade-1-decided": _("Grade 1 decided by the management"),
    "milder-than-suggested": _("Milder than suggested"),
    "downgrades": _("Downgraded"),
    "downgrades-late": _("Downgraded late"),
    "category-as-suggested": _("Category as suggested"),
    "first-time": _("Settled at the first attempt"),
    "upheld": _("Upheld"),
    "paid-as-approved": _("Paid as approved"),
    "escalated": _("Escalated to the regulator, media or court"),
    "by-regulator": _("Sent by the regulator"),
    "inquired-about": _("Asked about by the regulator"),
    "in-media": _("Taken up by the media"),
    "in-court": _("Taken to court or mediation"),
    "withdrawn": _("Withdrawn"),
    "not-a-complaint": _("Not a complaint"),
}
FIGURE_MEANINGS: Final[Words] = {
    "timeliness": _("Answered by the policy's date, of all whose date lies in the period"),
    "timeliness-extended": _("The same, where the customer was told a later date in time"),
    "timeliness-statutory": _("Answered by the law's date, of all whose date lies in the period"),
    "timeliness-closed": _("Answered by the policy's date, of all answered in the period"),
    "satisfaction": _(
        "Gave 4 or 5 of 5, of all answered in the period who gave a score in the survey or when called back "
        "by somebody who did not handle the case; the last within 7 days counts"
    ),
    "satisfaction-survey": _("Gave 4 or 5 of 5 in the survey, of all answered in the period who did so"),
    "satisfaction-call-back": _(
        "Gave 4 or 5 of 5 when called back by somebody who did not handle the case, of all who gave a score "
        "so; who is called is drawn by risk, so these are not like all others"
    ),
    "call-back-reach": _("Reached in one of the tries, of all answered in the period who were called back"),
    "call-back-disagreement": _(
        "One says satisfied and the other not, or two steps apart, of all who gave a score in both"
    ),
    "survey-response": _("Gave a score in the survey, of all answered in the period who were asked"),
    "survey-invited": _("Asked how satisfied they are, of all answered in the period"),
    "satisfaction-floor": _("Gave 4 or 5 of 5, of all who were asked, whether they replied or not"),
    "repeats": _("Repeating an earlier complaint, of all received in the period"),
    "repeats-30": _("Repeating one of the 30 days before, of all received in the period"),
    "repeats-180": _(
        "The same person about the same product within 180 days, of all received in the period; "
        "found by phone, address or identity number, whatever was linked at registration"
    ),
    "repeats-after-answer": _(
        "Followed by a complaint about the same matter, of all answered in the period; "
        "shown once the time for it is over"
    ),
    "urged": _("The customer came back to us before the answer, of all answered in the period"),
    "identified": _(
        "With a phone, an address or an identity number by which a repeat is noticed, of all received"
    ),
    "registered-late": _(
        "Registered later after receipt than the policy's term allows, of all received and registered"
    ),
    "overdue": _("Past the policy's date at this moment, of all still to be answered; whatever the period"),
    "warned-overdue": _(
        "Answered after the policy's date or still open, of all that were warned of and whose date lies in "
        "the period"
    ),
    "extensions": _("Told a later date, of all whose date lies in the period"),
    "extension-validity": _("Told of the later date before the old one had passed, of all extended"),
    "silent": _(
        "Without news for more working days than the policy allows, of all whose date lies in the period"
    ),
    "plans-returned": _("A plan was sent back by whoever had to approve it, of all answered that had one"),
    "grade-1-decided": _(
        "The management decided before the answer, of all of grade 1 answered in the period"
    ),
    "milder-than-suggested": _("Given a milder grade than the table suggests, of all received and graded"),
    "downgrades": _("Given a milder grade while handled, of all received and graded"),
    "downgrades-late": _("Given it in the last fifth of the limit or later, of all downgraded"),
    "category-as-suggested": _(
        "The category is the one that the table suggested, of all that had a suggestion"
    ),
    "first-time": _("Neither repeated nor taken to the second instance, of all answered in the period"),
    "upheld": _("Found to be right in whole or in part, of all answered that were investigated"),
    "paid-as-approved": _("The amount paid is the amount approved, of all to whom something was paid"),
    "escalated": _(
        "The regulator sent it or asked about it, or the media or a court took it up, of all received in "
        "the period"
    ),
    "by-regulator": _("Reached us through the regulator, of all received in the period"),
    "inquired-about": _("An inquiry of the regulator is about it, of all received in the period"),
    "in-media": _("Reached us through the media, of all received in the period"),
    "in-court": _(
        "Reached us through a court or mediation, or is held for a lawsuit, of all received in the period"
    ),
    "withdrawn": _("Withdrawn, of all received in the period"),
    "not-a-complaint": _("Found to be no complaint, of all received in the period"),
}
FIGURE_PARTS: Final[Words] = {"misses": _("The others"), "hits": _("Counted"), "all": _("All asked about")}
AMOUNTS: Final[Words] = {
    "days-to-answer": _("Working days until the answer"),
    "hours-to-register": _("Hours until registration"),
    "hours-to-first-contact": _("Hours until the first contact"),
    "contacts-while-handled": _("Times that a customer urged"),
    "compensation-approved": _("Compensation approved"),
    "compensation-paid": _("Compensation paid"),
}
AMOUNT_MEANINGS: Final[Words] = {
    "days-to-answer": _("From receipt to the answer, of all answered in the period"),
    "hours-to-register": _("From receipt to registration, of all received in the period"),
    "hours-to-first-contact": _(
        "From receipt until the customer was first spoken to, of all received in the period"
    ),
    "contacts-while-handled": _("Contacts by the customer before the answer, of all answered in the period"),
    "compensation-approved": _("In yuan, as the last plan says, of all answered in the period"),
    "compensation-paid": _("In yuan, as carried out, of all answered in the period"),
}
REPORT_STATUSES: Final[Words] = {
    "drafted": _("Drafted"),
    "commented": _("Commented"),
    "signed": _("Signed"),
    "raised": _("With the superiors"),
    "accepted": _("Objection upheld, to be corrected"),
    "upheld": _("Objection upheld"),
    "rejected": _("Objection rejected"),
    "cancelled": _("Cancelled"),
}
MEASURE_STATUSES: Final[Words] = {
    "proposed": _("Proposed"),
    "under_way": _("Under way"),
    "done": _("Carried out"),
    "evaluating": _("Being evaluated"),
    "reopened": _("Not effective: analysed again"),
    "effective": _("Effective"),
    "dropped": _("Dropped"),
    "cancelled": _("Cancelled"),
}
METRICS: Final[Words] = {
    "share": _("Share of such complaints"),
    "cause": _("Share of this root cause"),
    "satisfaction": _("Satisfaction"),
    "timeliness": _("Timeliness"),
    "timeliness-statutory": _("Timeliness by law"),
    "repeats": _("Repeat rate"),
    "extensions": _("Extension rate"),
}
OCCASIONS: Final[Words] = {"regular": _("Regular inspection"), "special": _("Special inspection")}
REASONS: Final[Words] = {
    "closed": _("The month was over"),
    "window": _("The time for repeats was over"),
    "correction": _("Correction"),
}
BREAKDOWNS: Final[Words] = {
    "grade": _("Grade"),
    "category": _("Category"),
    "channel": _("Channel"),
    "department": _("Department"),
    "handler": _("Handler"),
    "partner": _("Partner"),
    "product": _("Product"),
    "cause": _("Root cause"),
    "vulnerable": _("Vulnerable customers"),
    "source": _("Source of the score"),
    "overdue": _("How long overdue"),
}
CAUSES: Final[Words] = {
    "process": _("Process and rules"),
    "staff": _("Staff"),
    "system": _("Systems"),
    "product": _("Product"),
    "partner": _("Partner"),
    "information": _("Information"),
    "customer": _("The customer"),
    "other": _("Other"),
}
GROUP_WORDS: Final = {
    "grade": GRADES,
    "category": CATEGORIES,
    "channel": CHANNELS,
    "cause": CAUSES,
    "vulnerable": {"True": _("Vulnerable"), "False": _("Others")},
    "source": {"self": _("By the customer alone"), "callback": _("In a call-back")},
    "overdue": {
        "0-5": _("Up to 5 days"),
        "6-15": _("6 to 15 days"),
        "16-30": _("16 to 30 days"),
        "31-": _("More than 30 days"),
    },
}
"""What the values of a breakdown are called, where they are of a closed list."""
