"""What the engine refuses, as it says it, so that the pages can say it in their language.

`{name}` stands for any text. `{said}` is a refusal itself; `{status}`, `{state}` and the like are values that
have words of their own.
"""

from __future__ import annotations

from typing import Final

from web.gettext import marked

REFUSALS: Final[tuple[str, ...]] = (
    # cases
    marked("the case cannot be archived yet: no record of {names}"),
    marked("the case cannot be archived yet: the answer is still on its way"),
    marked("the case cannot be archived yet: what came back is to be told the customer another way first"),
    marked("complaint {no} is under a legal hold; nothing of it may be destroyed until it is lifted"),
    marked("there is no such hold"),
    marked("nobody has proposed to dispose of the archive of {no}; a colleague proposes first"),
    marked("complaint {no} is not archived"),
    marked("the complaint is about you: somebody else must do its tasks (Art. 17)"),
    marked("nobody handles a complaint about themselves (Art. 17)"),
    marked("is whom the complaint is about; choose another"),
    marked("no way from there passes the milestone {milestone}, which is still to come"),
    marked("the contact cannot be noted: see the fields"),
    marked("complaint {no} is {status}: whom it is about is needed until it is archived or ended"),
    marked("the personal data of complaint {no} was erased before"),
    marked("takes a date such as 2026-03-02"),
    marked("takes a date and time"),
    marked("the complaint cannot be registered: see the fields"),
    marked("name the document that shows the authority or the inheritance"),
    marked("the letter {name} holds an expression that cannot be evaluated: {said}"),
    marked("the version cannot be called so"),
    marked("takes 1 to 32 letters, digits, dots, hyphens and underscores"),
    marked("the decision cannot be entered: see the fields"),
    marked("there is a version {label} of the policy already"),
    marked("some fields need correction"),
    marked("there is no such survey; take the whole address from our message"),
    marked("this survey is closed; what was answered is kept"),
    marked("there is no such complaint"),
    marked("the answer cannot be kept: see the fields"),
    marked("number and secret, or number and contact, do not match"),
    marked("{source} {number} is registered already as {no}"),
    marked("changing the grade needs a reason"),
    marked("complaint {no} is not registered completely yet; set the grade in its registration task"),
    marked("a milder grade has been asked for complaint {no} already and waits for a decision"),
    marked("a later date has been asked for complaint {no} already and waits for a decision"),
    marked("a review has been asked for complaint {no} already and waits for a decision"),
    marked("a review needs a reason"),
    marked("say what the customer does not accept"),
    marked("complaint {no} has no answer yet that could be reviewed"),
    marked("no such reason"),
    marked("the new facts cannot be noted: see the fields"),
    marked("the time cannot be noted: see the fields"),
    marked("these are no new facts"),
    marked("takes a day after {day}, when the statutory clock began"),
    marked("takes a day from {day} on, when the statutory clock began"),
    marked("the time ends before it begins"),
    marked("takes a day not before the first"),
    marked("the time is too long"),
    marked("the time begins before the clock"),
    marked("a withdrawal needs a reason"),
    marked("say how the customer withdrew, and why"),
    marked("the process of complaint {no} does not wait for a withdrawal where it stands"),
    marked("too many attempts; try again in {minutes} minutes"),
    marked("complaint {no} is {before} and cannot become {after}; what may follow is {allowed}"),
    marked("takes a whole number from {least} to {most}"),
    # documents
    marked("the file has no name"),
    marked("document {name} was destroyed; only the proof that it existed is left"),
    marked("document {name} belongs to another complaint"),
    marked("the file of document {name} was changed or cut off (part {part}); restore it from a backup"),
    marked("that is no id of a document"),
    marked("the Office file is damaged or protected by a password; save it again without"),
    marked("the Office file contains macros; save it without them"),
    marked("the text is neither UTF-8 nor GB 18030, or holds control characters"),
    marked("the content is HTML, although the file is named {extension}"),
    marked("the content is no {extension} file"),
    marked("there is no file in the request"),
    marked("there is no such document, or it is not one that you may see"),
    marked("files belong to a case; this task has none"),
    # people
    marked("absences are arranged by oneself, by a superior or by an administrator"),
    marked("the absence cannot be arranged: see the fields"),
    marked("lies before the beginning, or is over"),
    marked("nobody stands in for themselves"),
    marked("has none of the roles that the tasks are for"),
    marked("is away in that time, too"),
    marked("{who} is away in that time already; end that absence first"),
    marked("there is no such absence"),
    marked("there is a user {name} already"),
    marked("there is no user {name}"),
    marked("{who} is the last administrator; make somebody else one first"),
    marked("there is no kind of notice {kind}"),
    marked("the address is no e-mail address"),
    marked("give the passkey a name"),
    marked("give it a name of at most 100 characters"),
    marked("there are {most} passkeys already; remove one first"),
    marked("there is no such passkey of yours"),
    marked("there is no such device of yours"),
    marked("the browser gave no address"),
    marked("the password is the user name; choose another"),
    marked("a code generator is set up already; remove it first"),
    marked("no code generator is being set up; begin anew"),
    marked("begin anew: there is no challenge to answer"),
    marked("the view cannot be kept: see the fields"),
    marked("takes 1 to {most} characters"),
    marked("a view is shared with a role that one has oneself"),
    marked("there are {most} views already; delete one first"),
    marked("there is no such view of yours"),
    # partners
    marked("the partner cannot be saved: see the fields"),
    marked("the partners cannot be imported: see the rows"),
    marked("there is a partner {name} already"),
    marked("there is no partner {name}"),
    marked("{name} is a name of the partner {other}"),
    marked("2 to 64 small letters, digits and hyphens"),
    marked("takes a day such as {day}"),
    marked("lies before the beginning of the cooperation"),
    # lists
    marked("a customer cannot be found by this: it {said}"),
    marked("takes a whole phone number, e-mail address or identity number"),
    marked("takes 1 to {words} words, {most} characters in all"),
    marked("a complaint number has letters, digits and hyphens only"),
    marked("the cursor is damaged; ask for the first page again"),
    marked("the cursor is not one of this list; ask for its first page again"),
    marked(
        "more than {most} tasks are in this list; it can be sorted by limit, age or priority alone, "
        "or by several keys once filters narrow it"
    ),
    # tasks and their forms
    marked("four eyes: {task} checks {step}, which you did yourself; somebody else must do it"),
    marked(
        "four eyes: {name} is not for you: you worked on the complaint yourself; somebody else must do it"
    ),
    marked("four eyes: {name} is not for you: it judges what you had to do; somebody else must do it"),
    marked("four eyes: {name} is not for you: it decides on what you judged; somebody else must do it"),
    marked("the comment cannot be added: see the fields"),
    marked("say something"),
    marked("has at most {most} characters"),
    marked("there is nobody called @{name}"),
    marked("only who has the task {name} can keep a draft of its form; claim it first"),
    marked("takes a number from {least} to {most}"),
    marked("planning the task {name} is up to who has it, or to a supervisor"),
    marked("there is nothing that you did with the task {name} last, so nothing to undo"),
    marked("the task {name} went on meanwhile: it is {who}'s now"),
    marked(
        "what was done with the task {name} can be undone for {minutes} minutes only; assign or put "
        "it back instead"
    ),
    marked("the values must be a JSON object"),
    marked("the form does not accept {names}"),
    marked("the draft was not kept: {said}"),
    marked("say what the personal data is needed for"),
    marked("say what the archive is needed for"),
    marked("the request was refused: see the fields"),
    # running instances
    marked("this needs a reason"),
    marked("the reason takes at most {most} characters"),
    marked("takes at most {most} characters"),
    marked("takes at most {most} names"),
    marked("the instance is at revision {now}, not {then} any more: look at how it stands now"),
    marked("the instance is {state}; this needs one that is {wanted}"),
    marked("the instance is {state}; only running ones are migrated"),
    marked("the instance runs on version {version} already"),
    marked("the instance cannot be migrated: {said}"),
    marked("version {version} of {process} is drawn as not executable"),
    marked("the mapping is too long"),
    marked("the mapping names what is not there"),
    marked("is no element or flow of the instance's version"),
    marked("{name} is no element or flow of the new version"),
    marked("instances of {process} are being migrated already; stop that or wait"),
    marked("there is no such migration"),
    marked("there is no such incident"),
    marked("the incident was resolved already by {who}"),
    marked("there is no such timer: it has fired or was withdrawn"),
    marked("the timer waits no more: it has fired or was withdrawn meanwhile"),
    marked("takes an instant with its offset, such as 2026-03-02T09:00:00+08:00"),
    marked(
        "{name} is the policy's limit of grade {grade} for {no}: its date is that of the case. Tell "
        "the customer a later date (POST {extend}) or change the grade (POST {regrade})"
    ),
    marked("give 1 to {most} variables"),
    marked("these variables cannot be set: see the names"),
    marked("is personal: it is changed in its form, where it is kept encrypted"),
    marked("is declared by no form, mapping or result of this version"),
    marked("{count} tokens wait at {element}; name an element at which exactly one does, or none"),
    marked("{count} tokens wait at {element}; say which by its number"),
    marked("{count} tokens wait at {element}: look where it stands now"),
    marked("{element} only watches; move the token of what it watches, or move its timer"),
    marked("{element} undoes something; a compensation ends by itself"),
    marked(
        "element {element} is not in the level where the token at {source} stands, nor around it; a "
        "token cannot be moved into a sub-process: move it to the sub-process itself"
    ),
    marked("no flow leads to {element}; a token can be moved to what a flow leads to"),
    marked(
        "{element} is repeated, and moving one of its instances away ends them all; say `leave` if "
        "that is meant"
    ),
    marked("the instance was changed by another step meanwhile; try again"),
    marked(
        "the job {type} failed {count} time(s), at last with: {said}. Mend the cause, then retry the incident"
    ),
    marked(
        "the timer due at {at} failed {count} times, at last with: {said}. Mend the cause, then "
        "retry the incident"
    ),
    marked(
        "the start event of {process} failed {count} times, at last with: {said}. Mend the model "
        "and deploy it, then retry the incident: that starts it"
    ),
    marked(
        "the stored state of the instance is damaged ({kind}): "
        "restore it from a backup, or cancel the instance"
    ),
    marked("the state has format {format}; this release reads {known}"),
    marked("no flow out of {element} can be taken: no condition is true; draw a default flow"),
    marked("the process runs in a circle at {element} without ever waiting"),
    marked("the mail server at {host} did not take a mail: {kind}"),
    marked("the mail server at {host} does not take a mail for this address now"),
    marked("no mail server is set: REDRESS_SMTP_URL"),
    marked("the font of letters, {file}, is not installed: apt-get install fonts-noto-cjk"),
    # models
    marked("there is no file to deploy"),
    marked("two files are called {name}; rename one"),
    marked("the process {name} is drawn as not executable; set isExecutable in the modeler"),
    marked("no process {name} is deployed"),
)
