"""Reporting obligations (报送要求): who files what by when, level by level, with counters of what is late."""
