"""The pages: Flask, one folder per capability, rendered on the server and usable without JavaScript."""

from web.application import create_app

__all__ = ["create_app"]
