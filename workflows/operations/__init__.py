"""The operators' command line: instances, incidents, batches, heat maps."""
