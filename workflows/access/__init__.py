"""Access tokens of programs: made by people for themselves, with scopes and an end."""
