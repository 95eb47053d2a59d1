"""The guides, readable in the application."""
