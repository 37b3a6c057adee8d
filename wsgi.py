"""For any WSGI server: `gunicorn wsgi:app`. `gateway serve` is the usual way."""

from gateway.web import create_app

app = create_app()
