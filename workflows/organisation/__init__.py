"""People, units, posts and groups; who somebody is and whom an assignment rule names."""
