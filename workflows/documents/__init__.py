"""Papers that a campaign produces, with the rows behind every figure."""
