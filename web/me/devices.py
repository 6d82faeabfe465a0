"""`/me/devices`: the devices on which one is told of things; the worker that shows it there."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, redirect, request, url_for

from engine.channels.push.sender import checked_address, sender_public_key
from engine.errors import InvalidInput
from engine.people.push_devices import add_device, remove_device
from web.access import logged_in, public
from web.assets import BUILD, URL, entry
from web.extensions import db, redress
from web.gettext import gettext
from web.identity import current_actor
from web.me.routes import blueprint

LONGEST_NAME = 100


@blueprint.get("/push-worker.js")
@public
def push_worker() -> Any:
    """Give the script that shows messages. It stands at the top, under a name that stays: a browser asks for
    it again by itself and takes over what has changed.
    """
    script = BUILD / entry("push-worker").script.removeprefix(URL)
    return Response(script.read_bytes(), mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


@blueprint.post("/me/devices")
@logged_in
def add() -> Any:
    """Keep the address that the browser made for itself; called by the page's script."""
    system, given = redress(), request.get_json(silent=True)
    keys = given.get("keys") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(keys, dict):
        raise InvalidInput("the browser gave no address", {})
    found = checked_address(
        system.config, str(given.get("endpoint")), str(keys.get("p256dh")), str(keys.get("auth"))
    )
    name = str(given.get("name") or "").strip()[:LONGEST_NAME] or gettext("My device")
    address = {"endpoint": found.endpoint, "p256dh": found.p256dh, "auth": found.auth}
    with system.sessions.step() as session:
        add_device(
            session,
            current_actor(),
            name=name,
            server_key=sender_public_key(system.keyring),
            address=address,
        )
    db.session.rollback()
    flash(gettext("You will be told of things on this device."))
    return jsonify({"next": url_for("me.index")})


@blueprint.post("/me/devices/<device>/remove")
@logged_in
def remove(device: str) -> Any:
    """Be told nothing on a device any more."""
    with redress().sessions.step() as session:
        remove_device(session, current_actor(), device)
    flash(gettext("You are told nothing on that device any more."))
    return redirect(url_for("me.index"), code=303)
