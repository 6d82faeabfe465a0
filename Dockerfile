# Three stages: the first makes the wheel (browser bundle included), the second installs it beside its locked
# packages, the third holds only the result. Nothing but the registries of the package managers is reached; every
# Python package is checked against its hash, Debian's by their signature.
ARG PYTHON=3.13-slim-trixie

FROM python:${PYTHON} AS build
WORKDIR /build
COPY requirements/build.txt requirements/
RUN python -m venv /opt/build \
    && /opt/build/bin/python -m pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY tools tools/
COPY engine engine/
COPY web web/
RUN /opt/build/bin/python -m hatchling build --target wheel

FROM python:${PYTHON} AS packages
COPY requirements/run.txt /build/requirements/
RUN python -m venv /opt/redress \
    && /opt/redress/bin/python -m pip install --no-cache-dir --require-hashes --only-binary :all: -r /build/requirements/run.txt
COPY --from=build /build/dist /build/dist/
RUN /opt/redress/bin/python -m pip install --no-deps --no-index /build/dist/*.whl

FROM python:${PYTHON} AS run
# pg_dump and pg_restore for `redress backup`, of the database's version or newer; the Chinese glyphs of letters.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 redress \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/redress --shell /usr/sbin/nologin redress \
    && install -d -o redress -g redress -m 0700 /var/lib/redress/data /var/lib/redress/keys
COPY --from=packages /opt/redress /opt/redress/
COPY processes /opt/models/processes/
COPY forms /opt/models/forms/
ENV PATH=/opt/redress/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    REDRESS_ENV=production \
    REDRESS_DATA_DIR=/var/lib/redress/data \
    REDRESS_MASTER_KEY_FILE=/var/lib/redress/keys/master.key \
    PORT=8000
USER 10001:10001
WORKDIR /var/lib/redress
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
CMD ["redress", "serve", "--host", "0.0.0.0"]
