"""Data stores: rows that instances share and that outlive them (BPMN 2.0.2, 10.4.1)."""
