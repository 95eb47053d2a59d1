"""The demonstration: an invented hospital, its people, and a campaign in the middle of its third week."""

from workflows.demonstration.load import load_demonstration
from workflows.demonstration.people import PASSWORD, create_organisation

__all__ = ["PASSWORD", "create_organisation", "load_demonstration"]
