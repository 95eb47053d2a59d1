"""The REST API: Camunda's nouns and verbs where they exist, ours for the rest; OpenAPI, tokens, problem+json."""
