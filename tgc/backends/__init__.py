"""Where text is generated: one file per backend, each a pydantic class whose fields are its profile options."""
