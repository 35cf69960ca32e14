"""Forms that answers are held to, one kind per module."""
