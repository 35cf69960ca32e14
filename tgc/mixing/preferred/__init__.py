"""Which go first: the best of siblings, pairs by preference, texts that differ."""
