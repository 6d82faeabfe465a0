"""`/second-codings`, `/agreement`: closed cases coded again, blind, and how far both codings agree (R14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain.agreement import Agreement
from engine.domain.kpi import read_period
from engine.quality.agreement import agreement_of, coded_apart, coded_in_open_samples
from engine.quality.measure import asked_of
from engine.quality.supervision.coding import enter_coding, samples_to_code
from engine.quality.supervision.coding_samples import close_sample, draw_sample_to_code, draws_the_same
from web.access import requires
from web.api.operation import operation
from web.api.schemas import coding as schemas
from web.api.schemas.base import page_of
from web.case_to_code import place_of, shown_to_coder
from web.extensions import db, redress, runtime
from web.identity import current_actor

TAG = "quality"
READERS, DRAWERS, CODERS = (requires(f"coding.{right}") for right in ("read", "draw", "work"))


@operation(TAG, "GET", "/second-codings", READERS, answer=page_of(schemas.CodingSampleSchema))
def coding_samples() -> Any:
    """List the last samples, the newest first."""
    return {"items": samples_to_code(db.session(), current_actor()), "next": None}


@operation(
    TAG,
    "POST",
    "/second-codings",
    DRAWERS,
    body=schemas.SampleBody,
    answer=schemas.DrawnSampleSchema,
    status=201,
    errors=(409,),
)
def draw_coding_sample(body: Mapping[str, Any]) -> Any:
    """Draw a sample of the cases that were closed in a period and never drawn before."""
    return {"id": draw_sample_to_code(runtime(), current_actor(), body["period"], body["size"])}


@operation(
    TAG,
    "GET",
    "/second-codings/<sample_id>",
    READERS,
    query=schemas.SampleQuery,
    answer=schemas.RedrawnSampleSchema,
)
def one_coding_sample(query: Mapping[str, Any], sample_id: str) -> Any:
    """Give a sample; with `again` drawn again, to see whether the same cases come out."""
    (sample,) = samples_to_code(db.session(), current_actor(), sample=sample_id)
    shown = {name: getattr(sample, name) for name in schemas.CodingSampleSchema().fields}
    return shown | {"same": draws_the_same(db.session(), sample.id) if query["again"] else None}


@operation(TAG, "POST", "/second-codings/<sample_id>/close", DRAWERS, answer=schemas.DrawnSampleSchema)
def close_coding_sample(sample_id: str) -> Any:
    """Close a sample: its codings count from now on, and stay as they are."""
    close_sample(runtime(), current_actor(), sample_id)
    return {"id": sample_id}


@operation(TAG, "POST", "/second-codings/<sample_id>/<place>/read", CODERS, answer=schemas.CaseToCodeSchema)
def read_case_to_code(sample_id: str, place: str) -> Any:
    """Give a case to its coder: 403 where they had to do with it, 409 where somebody else has coded it."""
    case, content = shown_to_coder(sample_id, place_of(place))
    return {
        "content": content,
        "product": case.product,
        "channel": case.channel,
        "received_at": case.received_at,
        "facts": case.facts,
        "codes": case.codes,
    }


@operation(
    TAG,
    "POST",
    "/second-codings/<sample_id>/<place>",
    CODERS,
    body=schemas.CodingBody,
    answer=schemas.CodingSchema,
)
def code_case_again(body: Mapping[str, Any], sample_id: str, place: str) -> Any:
    """Keep the caller's coding of a case, or correct it while the sample is open."""
    return {"corrected": enter_coding(runtime(), current_actor(), sample_id, place_of(place), body)}


@operation(
    TAG,
    "GET",
    "/agreement",
    requires("report.read"),
    query=schemas.AgreementQuery,
    answer=schemas.AgreementsSchema,
)
def agreement_of_codings(query: Mapping[str, Any]) -> Any:
    """Tell how far both codings of a period's cases agree, and which cases were coded apart."""
    session, actor, period = db.session(), current_actor(), read_period(query["period"])
    asked = asked_of(period, redress().config.timezone, runtime().parameters.current(session))
    return {
        "period": period.name,
        "agreements": [_agreement(code, each) for code, each in agreement_of(session, actor, asked).items()],
        "apart": coded_apart(session, actor, asked),
        "pending": coded_in_open_samples(session, actor, asked),
    }


def _agreement(code: str, found: Agreement) -> dict[str, Any]:
    return {
        "code": code,
        "cases": found.alike.of,
        "alike": found.alike.hits,
        "kappa": found.kappa,
        "interval": found.interval,
        "suffices": found.suffices,
        "silent": found.silent,
        "pairs": [
            {"first": first, "second": second, "cases": count}
            for (first, second), count in sorted(found.pairs.items())
        ],
    }
