"""The operators' pages: instances, incidents, migration, batches, heat maps. For administrators only."""
