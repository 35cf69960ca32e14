"""One forward pass over the tree: packed tokens, and attention that reads what is shared once."""
