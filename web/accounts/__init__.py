"""Signing in and out, and the choices that travel with the browser."""
