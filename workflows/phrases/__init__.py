"""Opinion phrases (常用语)."""
