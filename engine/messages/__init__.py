"""Messages and signals between instances: subscriptions, correlation, early messages, starts."""
