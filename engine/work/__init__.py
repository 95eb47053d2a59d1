"""Work rows, claim and drain, doorbell, sweeper, external calls."""
