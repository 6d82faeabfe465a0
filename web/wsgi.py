"""What gunicorn serves: `web.wsgi:app`, assembled from the settings of the environment."""

from __future__ import annotations

import gc
import logging

gc.disable()  # what is loaded now stays, so nobody need look at it again and again; `settle` goes on

from engine import config  # noqa: E402
from engine.assembly import assemble, settle, start_logs  # noqa: E402
from web import create_app  # noqa: E402

_settings = config.load()
start_logs(_settings)
_server = logging.getLogger("gunicorn.error")  # its lines among ours, in the same form
_server.handlers.clear()
_server.propagate = True
app = create_app(assemble(_settings))
settle()
