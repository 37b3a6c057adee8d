"""The gateway over HTTP: `create_app()` makes the Flask application.

Promises: every answer is written by us or is a recipient's answer inside our reply; every error is a problem document;
there are no cookies, no CORS, no redirects and no decoding of what comes in. It must never log a path, a header or a
body as it came.
"""

from __future__ import annotations

import gc
import logging
import os
from dataclasses import replace
from multiprocessing.util import Finalize
from typing import BinaryIO

from flask import Flask
from flask_smorest import Api

from gateway import __name__ as package
from gateway.admission.quota import RefusalQuota
from gateway.bootstrap import build
from gateway.config import load_settings
from gateway.web import problems
from gateway.web.api import batches, docs, operations, preview, proxy, publications, pull, scope, transfers
from gateway.web.application import Application
from gateway.web.diagnostics import Diagnostics, LinesOfTheHouse, standard_error
from gateway.web.metrics import Metrics
from gateway.web.passage import Passage
from gateway.web.ports import Served

API_VERSION = "v1"
YOUNG_OBJECTS = 100_000  # between two looks of the collector: what is under way is alive, and cycles are few


def create_app(gateway: Served | None = None, *, diagnostics_to: BinaryIO | None = None) -> Flask:
    """The application over a gateway; over one that the environment describes, and that lives as long as the process.

    Raises ConfigError or PurposeMapError where what the environment describes cannot run.
    """
    served = gateway if gateway is not None else _from_environment()
    clock = served.house.clock
    diagnostics = Diagnostics(diagnostics_to or standard_error(), clock)
    if gateway is None:
        logging.getLogger(package).addHandler(LinesOfTheHouse(diagnostics))
    app = Application(clock, diagnostics)
    app.config.update(
        API_TITLE="Gateway",
        API_VERSION=API_VERSION,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS=docs.options(),
        # One more than admission takes: a body of no stated length is cut off here, and must be seen to be too long.
        MAX_CONTENT_LENGTH=served.settings.max_body_bytes + 1,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    metrics = Metrics(served.snapshot)
    quota = RefusalQuota(clock, served.settings.refusals_per_minute)
    house = replace(served.house, admit=quota.guard(served.house.admit))

    api = Api()
    api.DEFAULT_ERROR_RESPONSE_NAME = None  # each route describes its own problems
    api.init_app(app)
    passage = Passage(served, house, quota, metrics)
    api.register_blueprint(transfers.blueprint(served, passage))
    api.register_blueprint(preview.blueprint(served, passage))
    api.register_blueprint(proxy.blueprint(passage))
    api.register_blueprint(pull.blueprint(served, quota, metrics))
    api.register_blueprint(batches.blueprint(served, quota, metrics))
    api.register_blueprint(scope.blueprint(served))
    api.register_blueprint(publications.blueprint(served))
    api.register_blueprint(operations.blueprint(served, metrics))
    api.register_blueprint(docs.blueprint(docs.Description(api.spec)))
    problems.install(app, metrics, diagnostics)
    return app


def _from_environment() -> Served:
    gateway = build(load_settings(os.environ), create=True)
    gateway.sweep.start()
    gateway.observer.start()
    # At the end of the process. `atexit` would not do: the worker processes of `gateway serve` end without it, and the
    # outcomes of their last 50 ms with them (T74).
    Finalize(None, gateway.close, exitpriority=0)
    # What was loaded stays for the life of the process: the collector need not walk it again for every few requests.
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    return gateway
