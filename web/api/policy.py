"""`/policy` and `/parameters`: the matrix of clauses, and the terms that the policy leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.cases.matrix import deployed_files, policy_matrix
from engine.cases.policy import decide_parameter, parameters_in_force
from web.access import requires
from web.api.operation import operation
from web.api.schemas import policy as schemas
from web.extensions import db, runtime
from web.identity import current_actor
from web.language import current_language

TAG = "policy"


@operation(TAG, "GET", "/policy", requires("policy.read"), answer=schemas.MatrixSchema)
def matrix() -> Any:
    """Tell which element, decision, form, scenario, setting or guard carries out which clause."""
    language = current_language()
    return {"items": [row.plain(language) for row in policy_matrix(deployed_files(db.session()))]}


@operation(TAG, "GET", "/parameters", requires("policy.read"), answer=schemas.ParametersSchema)
def parameters() -> Any:
    """List the parameters with their values of today and the decisions on them."""
    found = parameters_in_force(runtime(), db.session())
    language = current_language()
    return {"items": [schemas.plain_parameter(each, language) for each in found]}


@operation(
    TAG,
    "POST",
    "/parameters/<name>",
    requires("policy.decide"),
    body=schemas.DecisionBody,
    answer=schemas.DecidedSchema,
    status=201,
)
def decide_value(body: Mapping[str, Any], name: str) -> Any:
    """Give a parameter another value from a day on that is not past."""
    decide_parameter(
        runtime(),
        current_actor(),
        name,
        body["value"],
        effective_from=body["effective_from"],
        reason=body["reason"],
    )
    return {"name": name, "value": body["value"], "effective_from": body["effective_from"]}
