select
    position,
    split,
    source,
    line,
    leaf_id,
    rejected_id,
    turns,
    tokens
from mix_row
where mix_id = ?
    and position = ?;
