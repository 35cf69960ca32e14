select
    schema_version,
    views
from meta;
