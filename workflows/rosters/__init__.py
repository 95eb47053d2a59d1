"""Duty rosters (值班) with handing over, and checklists (检查清单) whose items have frequencies of their own."""
