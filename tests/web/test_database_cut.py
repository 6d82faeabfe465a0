"""A connection that is cut after the work was done changes nothing of the answer."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from engine import clock
from engine.assembly import assemble
from engine.people.accounts import create_token
from tests.faults.proxy import Proxy
from tests.postgres import Cluster
from tests.world import MONDAY, postgres_seed, settings
from web import create_app
from web.extensions import db

__all__ = ["postgres_seed"]


def test_what_was_done_is_answered_even_if_the_connection_is_cut_afterwards(
    postgres: Cluster, postgres_seed: tuple[Path, str], tmp_path: Path
) -> None:
    seed, template = postgres_seed
    shutil.copytree(seed, tmp_path / "var")
    proxy = Proxy(postgres.port)
    with postgres.database(template=template.rpartition("/")[2]) as url:
        through = url.replace(f":{postgres.port}/", f":{proxy.port}/")
        with closing(assemble(settings(tmp_path / "var", through))) as redress:
            clock.set_to(MONDAY)
            with redress.sessions.step() as session:
                headers = {"Authorization": f"Bearer {create_token(session, 'admin')}"}
            app = create_app(redress)

            @app.after_request
            def cut(response):  # type: ignore[no-untyped-def]
                proxy.cut_all()
                return response

            client = app.test_client()
            for _ in range(2):
                assert client.get("/api/v1/instances", headers=headers).status_code == 200
            assert proxy.cut
            with app.app_context():
                db.engine.dispose()
        proxy.close()
