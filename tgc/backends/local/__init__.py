"""A model in memory that answers requests."""
