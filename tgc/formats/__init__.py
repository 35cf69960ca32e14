"""What trainers read: one file per format, each a pydantic class whose fields are its YAML options."""
