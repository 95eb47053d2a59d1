"""Signing in and out, and what people set for themselves."""

from web.accounts import own, tokens
from web.accounts.views import accounts

PAGES = (own, tokens)

__all__ = ["PAGES", "accounts"]
