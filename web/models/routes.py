"""`/models`: what is deployed, as diagrams and files, and deploying anew."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from engine import read
from engine.errors import Conflict, InvalidInput, ModelRefused, NotFound
from engine.read.people import display_names
from engine.runtime.bundles import read_files
from engine.runtime.deploy import deploy
from engine.runtime.preview import Preview, preview
from web.access import requires
from web.extensions import db, runtime
from web.findings import line
from web.gettext import gettext, ngettext
from web.identity import current_actor
from web.language import current_language, label_of
from web.models import words as words_of
from web.models.packed import pack, unpack
from web.saved_file import saved_file

blueprint = Blueprint("models", __name__, template_folder="templates")
PAGE = 20
SHOWN_KINDS = (
    "userTask",
    "manualTask",
    "serviceTask",
    "businessRuleTask",
    "callActivity",
    "sendTask",
    "receiveTask",
)


@blueprint.get("/models")
@requires("model.read")
def index() -> Any:
    """Show the processes in force and the bundles that they came in."""
    return _index()


def _index(refused: ModelRefused | InvalidInput | Conflict | None = None) -> str:
    session = db.session()
    found = read.bundles(session, limit=PAGE, cursor=request.args.get("cursor") or None)
    return render_template(
        "models/index.html",
        definitions=read.definitions(session, latest=True, limit=100).items,
        bundles=found.items,
        names=display_names(session, (bundle["deployed_by"] for bundle in found.items)),
        next=found.next,
        refused=refused,
        form=request.form,
    )


@blueprint.post("/models")
@requires("model.deploy")
def upload() -> Any:
    """Deploy the chosen files, or with `act=preview` show what they change; all that is wrong is listed."""
    family = request.form.get("family", "").strip() or None
    replace = request.form.get("replace") == "1"
    try:
        files = _files()
        if request.form.get("act") == "preview":
            found = preview(runtime(), current_actor(), files, family=family, replace=replace)
            return _preview(found, files)
        done = deploy(
            runtime(),
            current_actor(),
            files,
            family=family,
            note_text=request.form.get("note", "").strip(),
            replace=replace,
            base=request.form.get("base"),
        )
    except (ModelRefused, InvalidInput, Conflict) as error:
        db.session.rollback()
        return _index(error), 409 if isinstance(error, Conflict) else 422
    if not done.is_new:
        flash(gettext("Nothing changed: these files are in force already."))
    else:
        count = len(done.definitions)
        flash(ngettext("%(num)d process was deployed.", "%(num)d processes were deployed.", count))
    for warning in done.warnings[:20]:
        flash(line(warning), "warning")
    return redirect(url_for("models.index"), code=303)


def _files() -> dict[str, bytes]:
    if packed := request.form.get("packed"):
        return unpack(packed)
    return {file.filename: file.read() for file in request.files.getlist("files") if file.filename}


def _preview(found: Preview, files: dict[str, bytes]) -> str:
    return render_template(
        "models/preview.html",
        found=found,
        drawings={path: _drawing(found, path) for path in found.drawings},
        packed=pack(files),
        words_of=words_of,
        line=line,
        form=request.form,
    )


def _drawing(found: Preview, path: str) -> dict[str, Any]:
    """Return what the browser draws of a changed diagram: the new one, and where something was removed the
    old one.
    """
    (file,) = (each for each in found.files if each.path == path)
    marks = {each.element.element_id: each.what for each in file.told}
    stays = {element: what for element, what in marks.items() if what != "removed"}
    gone = {element: what for element, what in marks.items() if what == "removed"}
    names = {key: str(word) for key, word in words_of.CHANGES.items()}
    drawn = {"new": {"xml": found.drawings[path], "title": path, "states": stays, "stateNames": names}}
    if gone and path in found.definitions:
        url = url_for("models.diagram", definition_id=found.definitions[path])
        drawn["old"] = {"url": url, "title": path, "states": gone, "stateNames": names}
    return drawn


@blueprint.get("/models/<definition_id>")
@requires("model.read")
def show(definition_id: str) -> Any:
    """Show a deployed process: the diagram, and its steps with what they say."""
    session, language = db.session(), current_language()
    found = read.definition(session, definition_id)
    bundle = runtime().bundles.get(session, found["bundle_id"])
    elements = bundle.compiled.elements(found["process_id"])
    definition = {
        "url": url_for("models.diagram", definition_id=definition_id),
        "title": label_of(found),
        "labels": {each.element_id: each.label(language) for each in elements.values() if each.name},
    }
    versions = read.definitions(session, process_id=found["process_id"], limit=100).items
    return render_template(
        "models/show.html",
        found=found,
        definition=definition,
        explanation=bundle.compiled.specs[found["process_id"]].properties.explanation(language)
        if found["process_id"] in bundle.compiled.specs
        else "",
        steps=[each for each in elements.values() if each.kind in SHOWN_KINDS],
        versions=versions,
        names=display_names(session, [found["deployed_by"]]),
    )


@blueprint.get("/models/<definition_id>/diagram")
@requires("model.read")
def diagram(definition_id: str) -> Any:
    """Give the BPMN file of a deployed process."""
    found = read.definition(db.session(), definition_id)
    bundle = runtime().bundles.get(db.session(), found["bundle_id"])
    return Response(bundle.files[found["file"]], mimetype="application/xml")


@blueprint.get("/models/bundles/<bundle_id>/<path:path>")
@requires("model.read")
def file(bundle_id: str, path: str) -> Any:
    """Give a file of a bundle as it was deployed, to be saved."""
    files = read_files(db.session(), bundle_id)
    if path not in files:
        raise NotFound(gettext("This version has no such file."))
    return saved_file(files[path], "application/octet-stream", path.rpartition("/")[2])
