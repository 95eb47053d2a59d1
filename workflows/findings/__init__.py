"""The findings ledger (问题台账): every problem from discovery to closure (销号)."""
