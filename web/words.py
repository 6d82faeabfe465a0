"""The words for every value of a closed list, and for every kind of event in the trail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from engine.models.forms import Message
from web.gettext import gettext, marked
from web.gettext import lazy_gettext as _

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
    "partner": _("Partner"),
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
}
INSTANCE_STATES: Final[Words] = {
    "active": _("Running"),
    "completed": _("Completed"),
    "cancelled": _("Cancelled"),
    "suspended": _("Suspended"),
}
TASK_STATES: Final[Words] = {"open": _("Open"), "completed": _("Done"), "withdrawn": _("Withdrawn")}
PRIORITIES: Final[Words] = {
    "90": _("Very high"),
    "70": _("High"),
    "50": _("Usual"),
    "30": _("Low"),
}
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
    "improvement": _("Improvement"),
    "training": _("Training"),
}
UNITS: Final[Words] = {
    "natural-days": _("natural days"),
    "working-days": _("working days"),
    "minutes": _("minutes"),
    "persons": _("persons"),
    "percent": "%",
    "points": _("points"),
    "cny": _("CNY"),
    "years": _("years"),
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
MIGRATION_STATES: Final[Words] = {
    "running": _("Under way"),
    "done": _("Done"),
    "stopped": _("Stopped"),
}
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
HOLDS: Final[Words] = {
    "lawsuit": _("Lawsuit"),
    "inquiry": _("Inquiry of the regulator"),
    "audit": _("Audit"),
}
ARCHIVE_STATES: Final[Words] = {
    "kept": _("Kept"),
    "due": _("Time is over"),
    "held": _("Held"),
    "disposed": _("Disposed of"),
}
NOTICES: Final[Words] = {
    "notice": _("Notice about a complaint"),
    "deadline-warning": _("The limit of a complaint is near"),
    "measure-late": _("An improvement measure was not done by its date"),
    "second-review-due": _("The limit of a review is near"),
    "investigation-late": _("An investigation takes too long"),
    "statute-warning": _("The statutory limit of a complaint is near"),
    "late-registration": _("A complaint was registered after its limit"),
    "not-registered": _("A complaint is not registered yet"),
    "urgent": _("An urgent complaint was reported"),
    "urgent-unanswered": _("Nobody has acknowledged an urgent complaint"),
    "escalation": _("A complaint was escalated"),
    "mention": _("You are mentioned in a comment"),
    "assigned": _("A task was assigned to you"),
    "due-soon": _("A task is due soon"),
    "overdue": _("A task is overdue"),
    "group-task": _("A new task for your group"),
    "customer-wrote": _("A customer wrote a mail about their case"),
    "case": _("A notice about a complaint"),
    "training-late": _("A training session was not held on its day"),
    "training-expiring": _("Your training runs out soon"),
    "training-expired": _("A training has run out; the tasks went back to the group"),
}
TRAINING: Final[Words] = {
    "process": _("Complaint process"),
    "communication": _("Communication"),
    "law": _("Law and regulation"),
}
COVERED: Final[Words] = {
    "valid": _("covered"),
    "soon": _("runs out soon"),
    "expired": _("ran out"),
    "missing": _("not covered"),
}
TRAINING_SOURCES: Final[Words] = {
    "session": _("Session"),
    "entered": _("Held elsewhere"),
    "transition": _("Before the register began"),
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
    "instance.started": _("Process started"),
    "instance.completed": _("Process completed"),
    "instance.cancelled": _("Process cancelled"),
    "instance.suspended": _("Process suspended"),
    "instance.resumed": _("Process resumed"),
    "instance.migrated": _("Moved to another version"),
    "process.completed": _("End of the process reached"),
    "process.cancelled": _("Process broken off"),
    "task.created": _("Task opened"),
    "task.claimed": _("Task claimed"),
    "task.released": _("Task put back"),
    "task.assigned": _("Task assigned"),
    "task.delegated": _("Task delegated"),
    "task.completed": _("Task completed"),
    "task.rescheduled": _("Task put off"),
    "task.prioritised": _("Priority of the task changed"),
    "task.restored": _("Handover undone"),
    "comment.added": _("Comment written"),
    "absence.arranged": _("Absence arranged"),
    "absence.ended": _("Absence ended"),
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
    "complaint.regraded": _("Grade changed"),
    "complaint.withdrawn": _("Complaint withdrawn by the customer"),
    "letter.composed": _("Letter written"),
    "survey.answered": _("Survey answered by the customer"),
    "contact.recorded": _("Contact with the customer noted"),
    "mail.received": _("Mail of the customer taken in"),
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
    "effect.compared": _("Before and after compared"),
    "archive.sealed": _("Archive sealed"),
    "archive.exported": _("Archive handed out"),
    "archive.disposed": _("Archive destroyed"),
    "hold.placed": _("Legal hold placed"),
    "hold.lifted": _("Legal hold lifted"),
    "disposal.proposed": _("Disposal proposed"),
    "login.challenged": _("Password right, code asked for"),
    "login.revoked": _("Sessions ended"),
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
    "department.added": _("Department added"),
    "department.changed": _("Department changed"),
    "key.rotated": _("Master key rotated"),
    "key.retired": _("Master key retired"),
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
    "training.planned": _("Training session planned"),
    "training.recorded": _("Training recorded"),
    "policy.entered": _("Version of the policy entered"),
    "calendar.imported": _("Calendar imported"),
    "bundle.deployed": _("Models deployed"),
}
MESSAGES: Final[tuple[Any, ...]] = (
    # What checks say by themselves, so that the pages can say it in their language.
    _("Missing data for required field."),
    _("Not a valid email address."),
    _("Not a valid integer."),
    _("Not a valid number."),
    _("Not a valid string."),
    _("Not a valid datetime."),
    _("Field may not be null."),
    _("Shorter than minimum length 1."),
    _("no such channel"),
    _("say why"),
    _("holds no valid training (R67); choose another"),
    _("say where the proof lies"),
    _("choose at least one content"),
    _("takes a whole number from 0 to 100"),
    _("the training cannot be entered: see the fields"),
    _("say what it is about"),
    _("the session cannot be planned: see the fields"),
    _("takes today or a later day"),
    _("say what was spoken about"),
    _("tells who somebody is (a number or an address); write that under the customer or the content"),
    _("lies in the future"),
    _("a period is a month, a quarter or a year: 2026-03, 2026-Q1, 2026"),
    _("give the number under which it is known"),
    _("tells who somebody is; give a number of the case instead"),
    _("who placed a hold does not lift it: ask a colleague"),
    _("who proposed a disposal does not decide on it: ask a colleague"),
    _("the case cannot be held: see the fields"),
    _("this is not your password"),
    _("a password has 8 to 200 characters"),
    _("the user name"),
    _("this code is not right; is the clock of your device right?"),
    _("the device's answer was not accepted; try again"),
    _("this passkey is not known here; log in with your password and add it on your account's page"),
    _("this passkey is known already"),
    _("the push service of this browser is not one that this system speaks to"),
    _("the browser gave keys that nothing can be encrypted with"),
    _("2 to 63 small letters, digits, '.', '_' or '-', beginning with a letter"),
    _("a name to show is needed"),
    _("at least one role is needed"),
    _("nobody can be their own superior, not by way of others either"),
    _("there is no such active user"),
    _("there is no such department"),
    _("2 to 64 letters, digits and hyphens"),
    _("a name is needed"),
    _("a department cannot stand above itself"),
    _("people work in this department; give them another one first"),
    _("the account cannot be saved: see the fields"),
    _("the department cannot be saved: see the fields"),
    _("nobody changes their own roles: ask another administrator"),
    _("nobody changes their own account: ask another administrator"),
    _("lies in the future; give the instant at which the complaint reached us"),
    _("Unknown field."),
    _("Invalid input type."),
    _("Not a valid mapping type."),
    _("Not a valid boolean."),
    _("Not a valid date."),
    _("Not a valid aware datetime."),
    _("Number too large."),
    _("String does not match expected pattern."),
    _("say something: this is empty"),
    _("no such department"),
    _("nobody of this name handles complaints"),
    _("say why the grade changes"),
    _("say what keeps us from answering in time"),
    _("give a phone number or an e-mail address, so that we can answer"),
    _("needed for the way of answering that you chose"),
    _("that is no phone number"),
    _("choose one of the five"),
    _("choose a file"),
    _("choose at least one file"),
    _("the file is empty"),
    _("there is no such instance, or it is not one that you may see"),
    _("there is no such instance"),
    _("there is no such task, or it is not one that you may see"),
    _("there is no such task"),
    _("there is no such deployed process"),
    _("the new date is no extension"),
    _("the new date is too far away"),
    _("an extension needs a reason"),
    _("a moment lies in the future"),
    _("who placed a hold does not lift it: ask a colleague"),
    _("this hold was lifted before"),
    _("who proposed a disposal does not decide on it: ask a colleague"),
)
# The same with what they were given: `{name}` stands for any text.
_TEMPLATES: Final[tuple[str, ...]] = (
    marked("Must be one of: {choices}."),
    marked("Must be greater than or equal to {min} and less than or equal to {max}."),
    marked("Must be greater than or equal to {min}."),
    marked("Length must be between {min} and {max}."),
    marked("Longer than maximum length {max}."),
    marked("Shorter than minimum length {min}."),
    marked("no such channel; there are {names}"),
    marked("takes a day after {day}, the present last day"),
    marked("takes a day up to {day}, {most} days after the present last day"),
    marked("there is no complaint {no}, or it is not one that you may see"),
    marked("there is no complaint {no}"),
    marked("complaint {no} has grade {grade} already"),
    marked("complaint {no} is {status}; this is possible only before the result is sent"),
    marked("there is no archive of {no}"),
    marked("the archive of {no} was disposed of before"),
    marked("the archive of {no} is to be kept until {until}"),
    marked("there is no document {name}"),
    marked("{who} has taken the task {name} already"),
    marked("nobody has taken the task {name}"),
    marked("the task {name} is open to no group; assign it to somebody else instead"),
    marked("the task {name} is no longer open: it was {state} meanwhile"),
    marked("the task {name} is not yours"),
    marked("the task {name} is for {groups}"),
    marked("the task {name} is {who}'s"),
    marked("only who has the task {name} can delegate it; claim it first"),
    marked("assigning the task {name} needs a supervisor"),
    marked("four eyes: you asked for what {name} decides; somebody else must do it"),
    marked(
        "{who} holds no valid training, which the task {name} takes (R67): attend a session and pass its "
        "test, or have complaint management enter the one you passed"
    ),
    marked("this training of {who} stands in the register already"),
    marked("{who} may not do this: it takes the permission {permission}"),
    marked("lies before {day}; give the instant at which it reached us"),
    marked("there is no active user {name}"),
    marked("takes at most {most} files"),
    marked("there are {most} devices already; remove one first"),
    marked("files of the kind {extension} are not taken; what is: {list}"),
    marked("the content is no {kind}, although the file is named {extension}"),
    marked("the file is named {extension} but was declared as {type}; send it under its own type"),
)
_PATTERNS: Final = tuple(
    (template, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*)", re.escape(template)), re.DOTALL))
    for template in _TEMPLATES
)


def word(words: Words, value: Any) -> str:
    """Return the word for a value; a value that an owner added is shown as it is, none as a dash."""
    if value is None or value == "":
        return "—"
    return str(words.get(str(value), value))


def message(text: str) -> str:
    """Return a message of a check in the page's language, where it is known."""
    if isinstance(text, Message):
        template = gettext(text.msgid)
        for name, value in text.params.items():
            template = template.replace(f"{{{name}}}", value)
        return template
    for template, pattern in _PATTERNS:
        if found := pattern.fullmatch(text):
            return gettext(template).format(**found.groupdict())
    return gettext(text) if text else ""


def yes_no(value: bool) -> str:
    """Return yes or no in the page's language."""
    return gettext("Yes") if value else gettext("No")
