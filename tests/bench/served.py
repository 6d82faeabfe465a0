"""What gunicorn serves for the measurement: Redress, and beside it the barest route that commits one row.

The route tells what Flask, gunicorn and the database take by themselves on this machine at this moment.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import Any

import psycopg
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from engine import clock
from web.wsgi import app as redress

clock.use_file(None, settable=False)  # as in production, where nobody sets it and no file is looked at
URL = os.environ["BENCH_BARE_URL"]
bare = Flask(__name__)
_held = threading.local()


def _connection() -> Any:
    """Return the thread's own connection, the settings of its database as durable as ours."""
    if not hasattr(_held, "connection"):
        if URL.startswith("postgresql"):
            _held.connection = psycopg.connect(URL)
        else:
            _held.connection = sqlite3.connect(URL, isolation_level=None, timeout=15)
            _held.connection.execute("PRAGMA synchronous=FULL")
    return _held.connection


@bare.post("/")
def insert() -> dict[str, bool]:
    """Insert one row and commit it."""
    connection = _connection()
    if isinstance(connection, sqlite3.Connection):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare (text) VALUES (?)", ("a row",))
    else:
        connection.execute("INSERT INTO bare (text) VALUES (%s)", ("a row",))
    connection.commit()
    return {"done": True}


app = DispatcherMiddleware(redress, {"/bare": bare})
