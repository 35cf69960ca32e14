"""Values to text: every screen is a pure function."""
