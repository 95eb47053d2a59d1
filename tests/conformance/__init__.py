"""Other people's diagrams on the real engine: ``python -m tests.conformance`` tells the rates by corpus."""
