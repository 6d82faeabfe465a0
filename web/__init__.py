"""The pages and the API of Redress, on Flask."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.assembly import Redress
from engine.store.sessions import prepare_postgresql, prepare_sqlite
from web import access, compression, errors, language, nul, page, request_log, security, unsent
from web.extensions import csrf, db
from web.login import single_sign_on


def create_app(redress: Redress) -> Flask:
    """Return the application around an assembled engine.

    Raises ConfigurationError where a setting is missing, or a view does not declare who may call it.
    """
    app = Flask(__name__)
    app.config.update(security.settings(redress.config))
    app.config["SQLALCHEMY_DATABASE_URI"] = redress.config.database_url
    # An error is told with its statement, never with the values.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"hide_parameters": True}
    app.extensions["redress"] = redress
    _trust_proxies(app, redress.config.proxies)
    db.init_app(app)
    csrf.init_app(app)
    language.install(app, redress.config)
    request_log.install(app)
    app.before_request(access.guard)
    nul.install(app)
    security.install(app)
    compression.install(app)
    single_sign_on.install(app, redress.config)
    errors.install(app)
    page.install(app)
    unsent.install(app)
    _register_screens(app)
    with app.app_context():
        if redress.config.is_sqlite:
            prepare_sqlite(db.engine, immediate=False)
        else:
            prepare_postgresql(db.engine)
        access.check_declarations(app)
    return app


def _trust_proxies(app: Flask, count: int) -> None:
    """Take the caller's address, scheme and host from so many proxies in front; without any, from nobody."""
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def _register_screens(app: Flask) -> None:
    from web.account.routes import blueprint as account
    from web.admin.screen import blueprint as admin
    from web.archive.routes import blueprint as archive
    from web.complaints.screen import blueprint as complaints
    from web.gateways.routes import blueprint as gateways
    from web.home.routes import blueprint as home
    from web.intake.screen import blueprint as intake
    from web.login.routes import blueprint as login
    from web.me.screen import blueprint as me
    from web.metrics.routes import blueprint as metrics
    from web.models.routes import blueprint as models
    from web.notices.routes import blueprint as notices
    from web.operations.screen import blueprint as operations
    from web.policy.screen import blueprint as policy
    from web.portal.routes import blueprint as portal
    from web.quality.screen import blueprint as quality
    from web.reports.screen import blueprint as reports
    from web.tasks.screen import blueprint as tasks
    from web.team.screen import blueprint as team
    from web.trail.routes import blueprint as trail
    from web.training.routes import blueprint as training

    for blueprint in (
        home,
        metrics,
        login,
        me,
        tasks,
        team,
        complaints,
        archive,
        gateways,
        intake,
        trail,
        training,
        models,
        notices,
        operations,
        policy,
        portal,
        quality,
        reports,
        admin,
        account,
    ):
        app.register_blueprint(blueprint)
    access.public(app.view_functions["static"])
    if find_spec("web.api") is not None:
        import_module("web.api").install(app)
