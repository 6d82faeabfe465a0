"""What gunicorn serves: `web.wsgi:app`, assembled from the settings of the environment."""

from __future__ import annotations

from engine import config
from engine.assembly import assemble
from engine.privacy.log_masking import protect_logs
from web import create_app

app = create_app(assemble(config.load()))
protect_logs()
