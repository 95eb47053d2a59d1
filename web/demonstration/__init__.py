"""The demonstration clock; registered in demo mode only."""
