"""The public form on both databases: twins at the same moment, and what goes beside a case."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import clock
from engine.assembly import Redress
from engine.cases.public.complain import SentFile, complain
from engine.cases.public.secrets import survey_token
from engine.cases.public.survey import answer_survey, counted_answer, invitation_of
from engine.channels.throttle import Bound, count_against, forget_counts, place_of
from engine.errors import TooMany
from engine.runtime.once import Once
from engine.store.tables.cases import Complaint
from engine.store.tables.channels import Survey, SurveyAnswer, Throttle
from engine.store.tables.documents import Document
from tests.at_once import at_once
from tests.world import register

FORM = {"name": "王小明CANARY", "phone": "13912345678", "content": "重複扣款"}
ONCE = Once("0" * 32, "1" * 64)


def count(redress: Redress, what: Any) -> int:
    with redress.sessions.read() as session:
        return session.scalar(select(func.count(what))) or 0


def test_a_form_sent_several_times_at_the_same_moment_is_one_complaint_with_its_files_once(
    redress: Redress,
) -> None:
    def send() -> str:
        files = [SentFile(io.BytesIO(b"a,b"), "a.csv", "text/csv")]
        return complain(redress.runtime, redress.vault, FORM, files, ONCE).complaint_no

    assert len(set(at_once(*[send] * 4))) == 1
    assert (count(redress, Complaint.no), count(redress, Document.id)) == (1, 1)
    assert len(list(redress.vault.files())) == 1


def test_answers_at_the_same_moment_are_one_where_they_say_the_same(redress: Redress) -> None:
    no = register(redress).complaint_no
    with redress.sessions.step() as session:
        session.add(Survey(**invitation_of(redress.keyring, no, clock.now(), 60)))
    token = survey_token(redress.keyring, no)
    said = at_once(*[lambda: answer_survey(redress.runtime, token, {"score": "5"})] * 4)
    assert not [each for each in said if isinstance(each, Exception)]
    assert count(redress, SurveyAnswer.id) == 1
    with redress.sessions.read() as session:
        kept = counted_answer(session, no)
    assert kept is not None
    assert kept.score == 5


def test_attempts_of_all_processes_count_together_and_are_forgotten_when_their_time_is_over(
    redress: Redress,
) -> None:
    bound = Bound("try", place_of("198.51.100.7"), 5)

    def knock() -> bool:
        try:
            count_against(redress.sessions, redress.keyring, [bound])
        except TooMany:
            return False
        return True

    assert sum(at_once(*[knock] * 8)) == 5
    clock.advance(bound.span * 2)
    with redress.sessions.step() as session:
        assert forget_counts(session) == 1
    assert count(redress, Throttle.key) == 0
    assert knock()


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (None, ""),
        ("nonsense", ""),
    ],
)
def test_a_place_is_an_address_or_the_network_from_which_addresses_can_be_chosen(
    address: str | None, place: str
) -> None:
    assert place_of(address) == place
