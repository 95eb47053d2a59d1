"""The process designer's server side: drafts, checks, dry runs, reviews and versions of process packages."""
