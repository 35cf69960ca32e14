"""Drawing tokens: sequences and their rows, keyed noise, truncation, forms and choices."""
