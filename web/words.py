"""The words for every value of a closed list, and for every kind of event in the trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from web.desk_words import DESK_EVENTS
from web.gettext import gettext
from web.gettext import lazy_gettext as _
from web.language import LANGUAGES

Words = Mapping[str, Any]
STATUSES: Final[Words] = {
    "registered": _("Registered"),
    "handling": _("In handling"),
    "decided": _("Decided"),
    "notified": _("Customer informed"),
    "archived": _("Archived"),
    "withdrawn": _("Withdrawn"),
    "not_a_complaint": _("Not a complaint"),
}
STAGES: Final[Words] = {
    "investigated": _("Investigated"),
    "planned": _("Plan drawn up"),
    "approved": _("Plan approved"),
    "reviewed": _("Reviewed by the management"),
    "carried_out": _("Measures carried out"),
}
CATEGORIES: Final[Words] = {
    "business": _("Business"),
    "service": _("Service"),
    "product": _("Product"),
    "other": _("Other"),
}
CHANNELS: Final[Words] = {
    "hotline": _("Hotline"),
    "email": _("E-mail"),
    "chat": _("Online chat"),
    "letter": _("Letter"),
    "counter": _("Counter"),
    "portal": _("Web form"),
    "regulator": _("Regulator"),
    "publicity": _("Publicity"),
    "partner": _("Partner"),
    "sms": _("Text message"),
    "media": _("Media"),
    "court": _("Court or mediation"),
    "other": _("Other"),
}
CONTACT_CHANNELS: Final[Words] = {
    "phone": _("Phone"),
    "email": _("E-mail"),
    "sms": _("Text message"),
    "letter": _("Letter"),
}
GRADES: Final[Words] = {"1": _("Grade 1 (gravest)"), "2": _("Grade 2"), "3": _("Grade 3")}
ROLES: Final[Words] = {
    "agents": _("Customer service agent"),
    "handlers": _("Complaint handler"),
    "supervisors": _("Supervisor"),
    "management": _("Management"),
    "supervision-group": _("Supervision group"),
    "compliance": _("Compliance"),
    "complaint-management": _("Complaint management"),
    "auditors": _("Auditor"),
    "process-owners": _("Process owner"),
    "administrators": _("Administrator"),
}
RECORDS: Final[Words] = {
    "registration": _("Registration"),
    "investigation": _("Investigation"),
    "plan": _("Resolution plan"),
    "approval": _("Approval"),
    "review": _("Management review"),
    "execution": _("Measures"),
    "notice": _("Result notice"),
    "satisfaction": _("Satisfaction"),
    "archive": _("Archiving"),
    "extension": _("Delay notice"),
    "extension_approval": _("Decision on the later date"),
    "escalation": _("Follow-up of the overdue case"),
    "grade_approval": _("Decision on the grade"),
    "regrade_approval": _("Decision on the milder grade"),
    "not_a_complaint": _("Whether it is a complaint"),
    "review_members": _("Members of the review"),
    "review_vote": _("Vote on the plan"),
    "complexity": _("Complex or not"),
    "statutory_request": _("Special extension asked for"),
    "statutory_approval": _("Special extension decided"),
    "statutory_extension": _("Special extension told to the customer"),
    "statutory_escalation": _("Follow-up of the statutory delay"),
    "progress": _("News to the customer"),
    "urgent_acknowledgement": _("Urgent report acknowledged"),
    "emergency_team": _("Emergency team"),
    "emergency_log": _("Emergency measure"),
    "emergency_closed": _("Emergency closed"),
    "second_review_acceptance": _("Review accepted or refused"),
    "second_review": _("Review"),
    "second_review_approval": _("Decision on the review approved"),
    "second_review_notice": _("Decision on the review told"),
    "joint_finding": _("Finding of a department"),
    "joint_minutes": _("Minutes of the joint investigation"),
    "notice_fallback": _("Notice in another way"),
    "acknowledgement": _("Letter of acknowledgement"),
}
INSTANCE_STATES: Final[Words] = {
    "active": _("Running"),
    "completed": _("Completed"),
    "cancelled": _("Cancelled"),
    "suspended": _("Suspended"),
}
TASK_STATES: Final[Words] = {"open": _("Open"), "completed": _("Done"), "withdrawn": _("Withdrawn")}
PRIORITIES: Final[Words] = {"90": _("Very high"), "70": _("High"), "50": _("Usual"), "30": _("Low")}
DUE_KINDS: Final[Words] = {
    "own": _("Limit of the step"),
    "policy": _("Limit of the policy"),
    "statute": _("Limit of the law"),
}
STATUTORY_STEPS: Final[Words] = {"1": _("ordinary"), "2": _("complex"), "3": _("very complex")}
EXCLUSIONS: Final[Words] = {
    "appraisal": _("Appraisal by somebody outside"),
    "mediation": _("Mediation by consent"),
}
DAYS: Final[Words] = {
    "start": _("The day itself does not count"),
    "workday": _("Working day"),
    "make-up": _("Make-up working day"),
    "weekend": _("Weekend"),
    "holiday": _("Holiday"),
    "natural": _("Natural day"),
    **EXCLUSIONS,
}
DATE_CHANGES: Final[Words] = {
    "extension": _("A later date was told to the customer"),
    "complex": _("Decided: the case is complex"),
    "very_complex": _("Approved: the case is very complex"),
    "exclusion": _("Time that does not count"),
    "restart": _("New facts: the time began anew"),
}
CLAUSE_KINDS: Final[Words] = {
    "element": _("Element of a diagram"),
    "decision": _("Decision table"),
    "form": _("Form"),
    "guard": _("Guard"),
    "open": _("Still open"),
}
PARAMETER_GROUPS: Final[Words] = {
    "statute": _("Statutory limits"),
    "urgent": _("Urgent complaints"),
    "registration": _("Registration"),
    "investigation": _("Investigation"),
    "extension": _("Extensions"),
    "contact": _("Contact with the customer"),
    "survey": _("Survey of the customer"),
    "grade": _("Grades"),
    "approval": _("Approval"),
    "review": _("Management review"),
    "archive": _("Archiving"),
    "repeat": _("Repeats"),
    "target": _("Targets"),
    "assignment": _("Assignment"),
    "emergency": _("Emergency plan"),
    "figures": _("Figures"),
    "improvement": _("Improvement"),
    "training": _("Training"),
    "mailbox": _("Mailbox"),
    "chat": _("Online chat"),
    "regulator": _("Regulator"),
    "supervision": _("Supervision"),
    "report": _("Periodic report"),
    "publicity": _("Publicity"),
    "accountability": _("Accountability"),
    "audit": _("Trail"),
}
UNITS: Final[Words] = {
    "natural-days": _("natural days"),
    "working-days": _("working days"),
    "months": _("months"),
    "minutes": _("minutes"),
    "hours": _("hours"),
    "hour-of-day": _("o’clock"),
    "persons": _("persons"),
    "percent": "%",
    "points": _("points"),
    "tasks": _("open tasks"),
    "cny": _("CNY"),
    "years": _("years"),
    "times": _("times"),
    "files": _("files"),
}
DIRECTIONS: Final[Words] = {"out": _("We contacted the customer"), "in": _("The customer contacted us")}
JOB_STATES: Final[Words] = {
    "ready": _("Waiting"),
    "held": _("Held: the instance is suspended"),
    "done": _("Done"),
    "dead": _("Given up"),
    "withdrawn": _("Withdrawn"),
}
TIMER_STATES: Final[Words] = {
    "armed": _("Set"),
    "held": _("Held: the instance is suspended"),
    "failed": _("Given up"),
}
MIGRATION_STATES: Final[Words] = {"running": _("Under way"), "done": _("Done"), "stopped": _("Stopped")}
WAITS: Final[Words] = {
    "user": _("a person"),
    "task": _("Task"),
    "timer": _("Timer"),
    "job": _("Job"),
    "message": _("Message"),
    "signal": _("Signal"),
    "token": _("Token"),
    "event": _("Event"),
    "form": _("Form"),
    "variable": _("Variable"),
    "compensation": _("Undoing"),
    "scope": _("Scope"),
    "called": _("Called process"),
    "expression": _("Expression"),
    "instance": _("Instance"),
}
INCIDENT_STATES: Final[Words] = {"open": _("Open"), "resolved": _("Resolved")}
ELEMENT_KINDS: Final[Words] = {
    "userTask": _("User task"),
    "manualTask": _("Manual task"),
    "serviceTask": _("Service task"),
    "businessRuleTask": _("Decision task"),
    "callActivity": _("Call of a process"),
    "sendTask": _("Send task"),
    "receiveTask": _("Receive task"),
}
ELEMENT_STATES: Final[Words] = {
    "done": _("done"),
    "active": _("waiting here"),
    "failed": _("failed"),
    "cancelled": _("not finished"),
}
COMPLAINANTS: Final[Words] = {
    "customer": _("The customer"),
    "proxy": _("Somebody whom the customer authorised"),
    "heir": _("An heir"),
}
COVERAGE_GAPS: Final[Words] = {
    "group": _("Tasks that wait for a role that nobody has"),
    "barred": _("Tasks that four eyes keep from everybody with the role"),
    "task": _("Tasks of somebody who left"),
    "case": _("Complaints of somebody who left"),
}
FOUR_EYES: Final[Words] = {
    "@starter": _("Four eyes: you asked for what it decides"),
    "@case": _("Four eyes: you worked on the complaint yourself"),
    "@owner": _("Four eyes: it judges what you had to do"),
    "@raiser": _("Four eyes: it decides on what you judged"),
}
KEPT_FROM: Final[Words] = {
    "@group": _("is in none of the task's groups"),
    "@training": _("the training has expired"),
    "@about": _("the complaint is about them"),
    "@starter": _("four eyes: asked for what it decides"),
    "@case": _("four eyes: worked on the complaint"),
    "@owner": _("four eyes: it judges what they had to do"),
    "@raiser": _("four eyes: it decides on what they judged"),
}
"""Why somebody else may not have a task."""
ASSIGNMENT_REASONS: Final[Words] = {
    "skill_and_department": _("has the skill, and works in the department"),
    "skill": _("has the skill"),
    "department_and_experience": _("works in the department and knows such cases"),
    "department": _("works in the department"),
    "experience": _("knows such cases"),
    "free": _("is free"),
    "accused": _("is whom the complaint is about"),
    "reports_to_accused": _("reports to whom the complaint is about"),
    "untrained": _("holds no valid training"),
    "absent": _("is away"),
    "overloaded": _("has enough to do"),
}
SUB_CODES: Final[Words] = {
    "repayment": _("Repayment and debits"),
    "account": _("Account and systems"),
    "funds": _("Safety of funds"),
    "collection": _("Collection"),
    "marketing": _("Marketing"),
    "fees": _("Interest and fees"),
    "contract": _("Contract and disclosure"),
    "privacy": _("Personal information"),
}
"""Those of the registration form that we ship; one that an owner adds is shown as it is written there."""
PARTNER_KINDS: Final[Words] = {
    "loan_platform": _("Loan platform"),
    "collector": _("Collector"),
    "insurer": _("Insurer"),
    "guarantor": _("Guarantor"),
    "other": _("Other"),
}
PARTNER_FIELDS: Final[Words] = {
    "name": _("Name of the firm"),
    "contract_no": _("Contract number"),
    "kind": _("Kind of cooperation"),
    "contact": _("Contact address"),
    "active_from": _("Active from"),
    "active_until": _("Active until"),
    "department_id": _("Responsible department"),
    "other_name": _("Another name"),
}
FACTS: Final[Words] = {
    "amount": _("Amount (CNY)"),
    "legal_risk": _("Legal dispute possible"),
    "media_risk": _("Media attention possible"),
    "spread_risk": _("May spread to other customers"),
    "vulnerable": _("Vulnerable customer"),
    "complainants": _("Number of complainants"),
    "partner": _("Partner involved"),
    "language": _("Language of the customer"),
    "read_back": _("Read back and confirmed"),
    "business_axis": _("Business (JR/T 0169)"),
    "reason_axis": _("Reason (JR/T 0169)"),
    "reason_code": _("Statistics code"),
    "accused": _("Whom the complaint is about"),
    "representatives": _("Representatives"),
    "complainant_is": _("Who complains"),
    "authority": _("Authority"),
    "regulator_reference": _("The regulator's reference"),
    "referred_on": _("Referred on"),
    "identity_doubt": _("Identity number looks mistyped"),
    "survey_score": _("Answer to the survey, 1 to 5"),
}
PERSONAL: Final[Words] = {
    "name": _("Name"),
    "id_number": _("Identity number"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "account": _("Account"),
    "address": _("Address"),
    "content": _("What the customer complains about"),
}
PURPOSES: Final[Words] = {
    "handling": _("Handling this complaint"),
    "identity": _("Checking the customer's identity"),
    "supervision": _("Supervision or call-back"),
    "request": _("Request of the customer about their data"),
}
ERASURES: Final[Words] = {
    "retention": _("The retention period is over"),
    "request": _("The customer asked for it"),
    "order": _("A court or the regulator ordered it"),
}
RETENTION: Final[Words] = {"standard": _("Standard"), "long": _("Long (dispute, lawsuit)")}
HOLDS: Final[Words] = {"lawsuit": _("Lawsuit"), "inquiry": _("Inquiry of the regulator"), "audit": _("Audit")}
ARCHIVE_STATES: Final[Words] = {
    "kept": _("Kept"),
    "due": _("Time is over"),
    "held": _("Held"),
    "disposed": _("Disposed of"),
}
NOTICES: Final[Words] = {
    "notice": _("Notice about a complaint"),
    "deadline-warning": _("The limit of a complaint is near"),
    "finding-late": _("What an inspection found was not put right by its date"),
    "measure-late": _("An improvement measure was not done by its date"),
    "second-review-due": _("The limit of a review is near"),
    "investigation-late": _("An investigation takes too long"),
    "statute-warning": _("The statutory limit of a complaint is near"),
    "late-registration": _("A complaint was registered after its limit"),
    "unassigned": _("No handler is suitable for a complaint; find somebody"),
    "drill-due": _("A drill of the emergency plan is due"),
    "not-registered": _("A complaint is not registered yet"),
    "urgent": _("An urgent complaint was reported"),
    "urgent-unanswered": _("Nobody has acknowledged an urgent complaint"),
    "escalation": _("A complaint was escalated"),
    "mention": _("You are mentioned in a comment"),
    "assigned": _("A task was assigned to you"),
    "confidential": _("A confidential matter waits for you"),
    "contest": _("Your objection to a figure was decided"),
    "coding": _("Closed cases wait to be coded a second time"),
    "delegated": _("A task that you delegated came back or is done"),
    "handed-back": _("A task that you delegated came back to you"),
    "delegate-done": _("A task that you delegated is done"),
    "loan-over": _("A task that you delegated is out for longer than agreed"),
    "taken-back": _("A task that was delegated to you was taken back"),
    "due-soon": _("A task is due soon"),
    "overdue": _("A task is overdue"),
    "group-task": _("A new task for your group"),
    "mailbox-check-late": _("The mailbox was not checked in time"),
    "call-back-late": _("A customer was not called back in time"),
    "customer-wrote": _("A customer wrote a mail about their case"),
    "case": _("A notice about a complaint"),
    "publication-late": _("What is published has run out"),
    "report-late": _("A report of a major event is late"),
    "inquiry-near": _("The date of a regulator's inquiry is near"),
    "inquiry-late": _("A regulator's inquiry is not answered by its date"),
    "rectification-late": _("A rectification is not reported by its date"),
    "trail-broken": _("The trail does not verify: something in it was changed"),
    "return-due": _("A periodic return is due and not begun yet"),
    "return-late": _("A periodic return is not filed by its date"),
    "training-late": _("A training session was not held on its day"),
    "training-expiring": _("Your training runs out soon"),
    "training-expired": _("A training has run out; the tasks went back to the group"),
}
MAIL_OUTCOMES: Final[Words] = {
    "waiting": _("Waits for somebody"),
    "case": _("Became a case"),
    "contact": _("Joined a case"),
    "returned": _("A mail of ours that came back"),
    "repeated": _("The same message again"),
    "nothing": _("Put aside"),
}
MAIL_REASONS: Final[Words] = {
    "automatic": _("A machine wrote it"),
    "loop": _("It came from ourselves"),
    "flood": _("Too many from one sender"),
    "other-sender": _("It names the case of somebody else"),
    "failed": _("It could not be taken in"),
    "sealed": _("It is encrypted"),
    "broken": _("Parts of it cannot be read"),
    "too-large": _("It is too large"),
}
MAIL_DECISIONS: Final[Words] = {
    "case": _("Register it as a complaint"),
    "contact": _("Add it to a case"),
    "nothing": _("Put it aside"),
}
MAIL_WHYS: Final[Words] = {
    "automatic": _("An automatic answer"),
    "advertising": _("Advertising"),
    "repeated": _("We have it already"),
    "elsewhere": _("It belongs to another department"),
    "by-hand": _("Registered by hand"),
}
SCORES: Final[Words] = {
    "5": _("Very satisfied"),
    "4": _("Satisfied"),
    "3": _("Neither satisfied nor dissatisfied"),
    "2": _("Dissatisfied"),
    "1": _("Very dissatisfied"),
}
EVENTS: Final[Words] = {
    **DESK_EVENTS,
    "instance.started": _("Process started"),
    "instance.completed": _("Process completed"),
    "instance.cancelled": _("Process cancelled"),
    "instance.suspended": _("Process suspended"),
    "instance.resumed": _("Process resumed"),
    "instance.migrated": _("Moved to another version"),
    "process.completed": _("End of the process reached"),
    "process.cancelled": _("Process broken off"),
    "task.created": _("Task opened"),
    "task.completed": _("Task completed"),
    "task.withdrawn": _("Task withdrawn"),
    "element.entered": _("Step entered"),
    "element.completed": _("Step completed"),
    "element.cancelled": _("Step ended unfinished"),
    "element.moved": _("Moved by hand"),
    "token.moved": _("Moved by hand"),
    "flow.taken": _("Way taken"),
    "call.bound": _("Called process chosen in its newest version"),
    "timer.armed": _("Timer set"),
    "timer.fired": _("Timer fired"),
    "timer.skipped": _("Timer left out: its time was past"),
    "timer.changed": _("Timer changed"),
    "timer.rescheduled": _("Timer moved to another time"),
    "message.caught": _("Message received"),
    "message.thrown": _("Message sent"),
    "signal.caught": _("Signal received"),
    "signal.thrown": _("Signal sent"),
    "error.thrown": _("Error raised"),
    "error.caught": _("Error handled"),
    "escalation.thrown": _("Escalation raised"),
    "escalation.caught": _("Escalation handled"),
    "cancel.caught": _("Transaction cancelled"),
    "compensation.started": _("Undoing begun"),
    "condition.met": _("Condition met"),
    "variables.changed": _("Data changed"),
    "decision.evaluated": _("Decision table evaluated"),
    "milestone.reached": _("Milestone reached"),
    "complaint.registered": _("Complaint registered"),
    "complaint.assigned": _("Complaint given to a handler"),
    "complaint.regraded": _("Grade changed"),
    "complaint.withdrawn": _("Complaint withdrawn by the customer"),
    "letter.composed": _("Letter written"),
    "survey.answered": _("Survey answered by the customer"),
    "contact.recorded": _("Contact with the customer noted"),
    "mail.received": _("Mail of the customer taken in"),
    "shift.planned": _("Shift of the hotline planned"),
    "shift.dropped": _("Shift of the hotline dropped"),
    "call.linked": _("Call tied to its case"),
    "chat.converted": _("Chat registered as a complaint"),
    "mailbox.reconciled": _("Mailbox held against the cases"),
    "calls.entered": _("Figures of the hotline entered"),
    "mailbox.entrusted": _("Named who checks the mailbox"),
    "mail.decided": _("Decided about a mail"),
    "deadline.extended": _("Customer told of a later date"),
    "deadline.recounted": _("Limit counted again"),
    "statute.moved": _("Statutory date counted again"),
    "job.completed": _("Job done"),
    "job.failed": _("Job failed"),
    "job.created": _("Job queued"),
    "incident.opened": _("Incident raised"),
    "incident.created": _("Incident raised"),
    "incident.resolved": _("Incident resolved"),
    "personal.revealed": _("Personal data shown"),
    "personal.searched": _("Customer looked for"),
    "personal.erased": _("Personal data erased"),
    "file.opened": _("File opened"),
    "file.moved": _("File moved on"),
    "file.viewed": _("File read"),
    "party.replaced": _("Somebody else named for a part"),
    "sample.selected": _("Sample drawn"),
    "effect.compared": _("Before and after compared"),
    "archive.sealed": _("Archive sealed"),
    "archive.supplemented": _("Archive supplemented"),
    "archive.exported": _("Archive handed out"),
    "archive.disposed": _("Archive destroyed"),
    "hold.placed": _("Legal hold placed"),
    "hold.lifted": _("Legal hold lifted"),
    "disposal.proposed": _("Disposal proposed"),
    "login.challenged": _("Password right, code asked for"),
    "login.revoked": _("Sessions ended"),
    "login.confirmed": _("Showed again who it is"),
    "password.changed": _("Password changed"),
    "factor.added": _("Second factor added"),
    "factor.removed": _("Second factor removed"),
    "device.added": _("Device for messages added"),
    "device.removed": _("Device for messages removed"),
    "person.added": _("Account added"),
    "person.changed": _("Account changed"),
    "person.closed": _("Account closed"),
    "person.opened": _("Account opened"),
    "person.unlocked": _("Account unlocked"),
    "partner.added": _("Partner added"),
    "partner.changed": _("Partner changed"),
    "partner.named": _("Another name of a partner kept"),
    "department.added": _("Department added"),
    "department.changed": _("Department changed"),
    "key.rotated": _("Master key rotated"),
    "key.retired": _("Master key retired"),
    "index.rotated": _("Key of the customer index rotated"),
    "index.retired": _("Key of the customer index retired"),
    "document.opened": _("Document opened"),
    "login.succeeded": _("Logged in"),
    "login.refused": _("Login refused"),
    "login.ended": _("Logged out"),
    "token.created": _("Access token made"),
    "token.revoked": _("Access tokens revoked"),
    "review.requested": _("Customer asked for a review"),
    "handler.released": _("Handler left; the case waits for another"),
    "parameter.decided": _("Open term decided"),
    "figures.sealed": _("Figures of a month frozen"),
    "figures.exported": _("Score sheet handed out"),
    "volumes.entered": _("Accounts and amounts lent entered"),
    "coding.sampled": _("Sample drawn to be coded a second time"),
    "coding.entered": _("Case coded a second time"),
    "coding.corrected": _("Second coding of a case corrected"),
    "coding.closed": _("Sample of the second coding closed"),
    "return.generated": _("Return generated and checked"),
    "pack.sealed": _("Pack of the case handed out as a whole"),
    "pack.produced": _("Pack of the case produced to the regulator"),
    "training.planned": _("Training session planned"),
    "training.recorded": _("Training recorded"),
    "policy.entered": _("Version of the policy entered"),
    "audit.verified": _("Trail verified"),
    "leaks.looked_for": _("Clear texts looked through for personal data"),
    "leak.decided": _("Find of personal data in a clear text marked"),
    "calendar.imported": _("Calendar imported"),
    "bundle.deployed": _("Models deployed"),
}


def word(words: Words, value: Any) -> str:
    """Return the word for a value; a value that an owner added is shown as it is, none as a dash."""
    if value is None or value == "":
        return "—"
    return str(words.get(str(value), value))


def skill(kind: str, value: str) -> str:
    """Return what somebody is good at: a product line, a language, a category."""
    told = {"language": LANGUAGES, "category": CATEGORIES}.get(kind)
    return word(told, value) if told else value


def yes_no(value: bool) -> str:
    """Return yes or no in the page's language."""
    return gettext("Yes") if value else gettext("No")
