"""How many of what: quotas of the kinds there are, portions of sources, blocks of one modality."""
