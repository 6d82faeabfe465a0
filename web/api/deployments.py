"""`/deployments`: putting model files into force."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from flask import request

from engine.errors import InvalidInput
from engine.runtime.deploy import deploy
from web.access import requires
from web.api.operation import operation
from web.api.requests import form_fields
from web.api.schemas import models as schemas
from web.extensions import runtime
from web.identity import current_actor


@operation(
    "deployments",
    "POST",
    "/deployments",
    requires("model.deploy"),
    form=schemas.DeploymentForm,
    answer=schemas.DeployedSchema,
    status=201,
    errors=(413,),
)
def deploy_files() -> Any:
    """Deploy diagrams, decisions and forms.

    The files overlay the family's latest bundle unless `replace` is true. What is refused is refused as a
    whole, with every finding in `findings`.
    """
    given = form_fields(schemas.DeploymentFields)
    return deploy(
        runtime(),
        current_actor(),
        _files(),
        family=given.get("family"),
        note_text=given["note"],
        replace=given["replace"],
    )


def _files() -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for file in request.files.getlist("files"):
        name = PureWindowsPath(PurePosixPath(file.filename or "").name).name
        if not name:
            continue
        if name in files:
            message = f"two files are called {name}; rename one"
            raise InvalidInput(message, {"files": [message]})
        files[name] = file.stream.read()
    return files
