"""Starting a process or a campaign."""
