"""Notifications to the outside: who is told what, through which channel, and when."""
