"""Administrators' pages: units, people, posts, groups, absences, calendars, import and export, who changed what."""
