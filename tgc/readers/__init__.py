"""What users bring: one file per shape of rows, each a pydantic class whose fields are its YAML options."""
