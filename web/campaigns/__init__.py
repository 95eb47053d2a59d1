"""Campaign board, ledger, results and documents."""
