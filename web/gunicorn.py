"""Gunicorn's settings: ``gunicorn --config python:web.gunicorn``; command-line options win."""

import web.server  # noqa: F401 - imported in the master, so that its workers come up at once and share the memory

wsgi_app = "web.server:application()"
worker_class = "gthread"
workers = 2
threads = 8
control_socket_disable = True
max_requests = 20_000
max_requests_jitter = 2_000
