"""What the tree gives: its paths as rows of numbers, and what they say."""
