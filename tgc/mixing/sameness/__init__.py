"""Who says what another says: in the tree, in files, in benchmarks."""
