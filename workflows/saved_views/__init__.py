"""Views of the inbox that people keep: filters under a name."""
