"""Counters (计次、记分): offences, demerits, exposures; at a count a measure follows, and each period begins anew."""
