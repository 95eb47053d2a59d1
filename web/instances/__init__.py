"""An instance as its initiator and its people see it."""
