"""What gunicorn serves: `web.wsgi:app`, assembled from the settings of the environment."""

from __future__ import annotations

import logging

from engine import config
from engine.assembly import assemble, start_logs
from web import create_app

_settings = config.load()
start_logs(_settings)
_server = logging.getLogger("gunicorn.error")  # its lines among ours, in the same form
_server.handlers.clear()
_server.propagate = True
app = create_app(assemble(_settings))
