"""Messages to devices: encrypted as the standards' example is, and handed to a real push service."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.channels.push.encryption import encrypt, from_text, public_bytes, to_text
from engine.channels.push.sender import is_push_service, sender_public_key
from engine.config import load
from engine.errors import ConfigurationError, Conflict, NotFound
from engine.jobs.passes import run_until_quiet
from engine.people.notice_choices import Ways, choose
from engine.people.push_devices import MOST_DEVICES, add_device, devices, remove_device
from engine.runtime.commands import add_comment, assign
from engine.runtime.notices import PUSH_JOB
from engine.store.tables.jobs import Job
from tests.driving import open_tasks
from tests.jobs.push_service import PushService, Subscription, push_service
from tests.world import actor, register


@pytest.fixture
def service(redress: Redress) -> Iterator[PushService]:
    """The push service that the installation is set to."""
    with push_service() as made:
        settings = replace(redress.config, push_services=(made.address,), public_url="https://desk.example")
        redress.runtime.config = settings
        yield made


def subscribe(redress: Redress, name: str, service: PushService, path: str = "/send/1") -> Subscription:
    """Have somebody choose a device."""
    made = Subscription(service.address + path)
    given = made.to_json()
    address = {"endpoint": made.endpoint, **given["keys"]}
    with redress.sessions.step() as session:
        key = sender_public_key(redress.keyring)
        add_device(session, actor(redress, name), name="Desk", server_key=key, address=address)
    return made


def give_task(redress: Redress, name: str) -> str:
    """Give somebody a task, which they are told of."""
    task_id = str(open_tasks(redress, register(redress).complaint_no)[0].id)
    assign(redress.runtime, actor(redress, "supervisor"), task_id, name)
    return task_id


def jobs(redress: Redress) -> list[tuple[str, int]]:
    with redress.sessions.read() as session:
        found = session.scalars(select(Job).where(Job.type == PUSH_JOB).order_by(Job.id))
        return [(job.state, job.attempts) for job in found]


def names(redress: Redress, name: str) -> list[str]:
    with redress.sessions.read() as session:
        return [device["name"] for device in devices(session, actor(redress, name))]


def test_a_message_is_encrypted_as_the_example_of_rfc_8291() -> None:
    sender = ec.derive_private_key(
        int.from_bytes(from_text("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
    )
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        from_text("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        from_text("BTBZMqHH6r4Tts7J_aSIgg"),
        sender=sender,
        salt=from_text("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert to_text(public_bytes(sender)).startswith("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml")
    assert to_text(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
        "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_device_is_told_what_happened_and_where_and_nothing_of_the_customer(
    redress: Redress, service: PushService
) -> None:
    device = subscribe(redress, "supervisor", service)
    task_id = str(open_tasks(redress, register(redress).complaint_no)[0].id)
    add_comment(redress.runtime, actor(redress, "handler"), task_id, "王小明CANARY asks; @supervisor")
    run_until_quiet(redress.runtime)
    (came,) = service.came
    message = device.open(came["body"])
    assert (message["title"], message["path"]) == ("有留言提及您", f"/tasks/{task_id}")
    assert message["body"].startswith("RC-")
    assert "CANARY" not in str(message)
    assert (came["scheme"], came["key"]) == ("vapid", sender_public_key(redress.keyring))
    assert (came["claims"]["aud"], came["claims"]["sub"]) == (service.address, "https://desk.example")
    assert 0 < came["claims"]["exp"] - time.time() <= 24 * 3600
    told = {name: came["headers"][name] for name in ("Content-Encoding", "TTL")}
    assert told == {"Content-Encoding": "aes128gcm", "TTL": "86400"}
    assert len(came["headers"]["Topic"]) <= 32
    assert jobs(redress) == [("done", 0)]
    with redress.sessions.read() as session:
        assert devices(session, actor(redress, "supervisor"))[0]["told_at"] is not None
    subscribe(redress, "handler", service, "/send/2")
    give_task(redress, "handler")
    run_until_quiet(redress.runtime)
    assert len(service.came) == 2
    assert len({len(each["body"]) for each in service.came}) == 1, "the length tells what was said"


def test_each_chooses_of_what_and_on_which_devices(redress: Redress, service: PushService) -> None:
    first, second = (subscribe(redress, "handler", service, f"/send/{n}") for n in (1, 2))
    give_task(redress, "handler")
    run_until_quiet(redress.runtime)
    assert len(service.came) == 2
    with redress.sessions.step() as session:
        found = devices(session, actor(redress, "handler"))
        with pytest.raises(NotFound):
            remove_device(session, actor(redress, "handler2"), found[0]["id"])
        remove_device(session, actor(redress, "handler"), found[0]["id"])
    give_task(redress, "handler")
    run_until_quiet(redress.runtime)
    assert len(service.came) == 3
    with redress.sessions.step() as session:
        choose(session, actor(redress, "handler"), {"assigned": Ways(page=True, push=False)})
    give_task(redress, "handler")
    run_until_quiet(redress.runtime)
    assert len(service.came) == 3
    # Who logs in at the same browser afterwards gets its messages, and who had it before gets none there.
    subscribe(redress, "handler2", service, "/send/2")
    assert (names(redress, "handler"), names(redress, "handler2")) == ([], ["Desk"])
    assert first.endpoint != second.endpoint


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_has_given_its_address_up_is_forgotten(
    redress: Redress, service: PushService, status: int
) -> None:
    subscribe(redress, "handler", service)
    service.answer = status
    give_task(redress, "handler")
    run_until_quiet(redress.runtime)
    assert (names(redress, "handler"), jobs(redress)) == ([], [("done", 0)])


def test_a_push_service_that_is_away_is_tried_again_and_let_go_after_a_while(
    redress: Redress, service: PushService
) -> None:
    subscribe(redress, "handler", service)
    for answer in (302, 429, 500):  # a way to another address is never followed
        service.answer = answer
        give_task(redress, "handler")
    run_until_quiet(redress.runtime)
    assert jobs(redress) == [("ready", 1)] * 3
    clock.advance(timedelta(minutes=40))
    run_until_quiet(redress.runtime)
    assert (jobs(redress), names(redress, "handler")) == ([("done", 1)] * 3, ["Desk"])
    assert len(service.came) == 3


def test_nothing_is_planned_for_who_has_no_device_or_where_push_is_off(
    redress: Redress, service: PushService
) -> None:
    give_task(redress, "handler")
    subscribe(redress, "handler2", service)
    redress.runtime.config = replace(redress.runtime.config, push_services=())
    give_task(redress, "handler2")
    assert jobs(redress) == []


def test_nobody_has_more_devices_than_anybody_uses(redress: Redress, service: PushService) -> None:
    for number in range(MOST_DEVICES):
        subscribe(redress, "handler", service, f"/send/{number}")
    subscribe(redress, "handler", service, "/send/0")
    with pytest.raises(Conflict, match="remove one first"):
        subscribe(redress, "handler", service, "/send/one-more")


def test_only_the_push_services_that_are_set_are_ever_spoken_to() -> None:
    config = load({"REDRESS_ENV": "production"})
    for endpoint in (
        "https://fcm.googleapis.com/fcm/send/x:y",
        "https://fcm.googleapis.com:443/wp/x",
        "https://web.push.apple.com/QL",
        "https://wns2-par02p.notify.windows.com/w/?token=x%2b",
    ):
        assert is_push_service(config, endpoint), endpoint
    for endpoint in (
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com@10.0.0.1/x",
        "https://10.0.0.1/.push.apple.com",
        "https://10.0.0.1#.push.apple.com",
        "https://10.0.0.1\\.push.apple.com/x",
        "https://evilpush.apple.com/x",
        "https://127.0.0.1:5432/",
        "file:///etc/passwd",
        "https://[::1/x",
        "",
        "https://web.push.apple.com/" + "x" * 3000,
    ):
        assert not is_push_service(config, endpoint), endpoint
    assert load({"REDRESS_PUSH_SERVICES": "off"}).push_services == ()
    for wrong in ("push.example", "https://push.example/path", "http://push.example"):
        with pytest.raises(ConfigurationError, match="REDRESS_PUSH_SERVICES"):
            load({"REDRESS_ENV": "production", "REDRESS_PUSH_SERVICES": wrong})
