"""What is asked of texts that are there already: how likely they are, and their vectors."""
