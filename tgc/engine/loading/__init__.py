"""A model as it is loaded: its weights, merged or adapted, their type and place."""
