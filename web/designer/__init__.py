"""The process designer's pages and its JSON contract (docs/designer-api.md)."""
