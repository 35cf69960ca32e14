select
    coalesce(max(number), 0) - (
        select number
        from addressed
    )
from node;
