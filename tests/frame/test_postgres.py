"""The throw-away PostgreSQL that other tests rely on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]


def is_running(pid: int) -> bool:
    """Whether the process runs; one that ended and was not yet taken note of has no command line left."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except (FileNotFoundError, ProcessLookupError):
        return False


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)


def test_a_module_gets_a_fresh_database(postgres_url: str) -> None:
    with connect(postgres_url) as connection:
        tables = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    assert tables == (0,)


def test_a_database_is_gone_after_its_use_even_with_a_connection_left_open(postgres: Cluster) -> None:
    with postgres.database() as url:
        left_open = connect(url)
    with pytest.raises(psycopg.OperationalError):
        connect(url)
    left_open.close()


def test_chinese_text_has_trigrams(postgres: Cluster) -> None:
    with postgres.database() as url, connect(url) as connection:
        connection.execute("create extension pg_trgm")
        row = connection.execute(
            "select '重複扣款申訴' like '%扣款%', cardinality(show_trgm('重複扣款'))"
        ).fetchone()
    assert row == (True, 5)


def test_what_was_committed_outlives_a_crash(crashing_postgres: Cluster) -> None:
    with crashing_postgres.database() as url:
        with connect(url) as connection:
            connection.execute("create table kept as select 1 as n")
        crashing_postgres.crash()
        with pytest.raises(psycopg.OperationalError):
            connect(url)
        crashing_postgres.start()
        with connect(url) as connection:
            assert connection.execute("select n from kept").fetchone() == (1,)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_leaves_no_server_behind(workers: str, tmp_path: Path) -> None:
    inner = tmp_path / "test_inner.py"
    inner.write_text(
        "import os\n"
        "from pathlib import Path\n"
        "import pytest\n"
        "@pytest.mark.parametrize('n', range(4))\n"
        "def test_asks(postgres, n):\n"
        "    (Path(os.environ['PIDS']) / str(postgres.pid)).touch()\n"
    )
    pids = tmp_path / "pids"
    pids.mkdir()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            workers,
            "-p",
            "tests.postgres",
            "-c",
            "/dev/null",
            str(inner),
        ],
        cwd=ROOT,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PIDS": str(pids), "TMPDIR": "/tmp"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (pid,) = [int(path.name) for path in pids.iterdir()]
    assert not is_running(pid)
