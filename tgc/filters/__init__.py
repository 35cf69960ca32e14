"""What is kept: one file per filter, each a pydantic class whose fields are its YAML options."""
