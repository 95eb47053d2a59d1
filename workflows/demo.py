"""Where the command line and the server find the demonstration."""

from workflows.demonstration import PASSWORD, create_organisation, load_demonstration

__all__ = ["PASSWORD", "create_organisation", "load_demonstration"]
