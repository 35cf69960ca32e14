create or replace view mix_rows as
select
    mix_id,
    position,
    split,
    source,
    spelled(leaf_id) as leaf_id,
    spelled(rejected_id) as rejected_id,
    line,
    turns,
    tokens,
    supervised_tokens,
    images
from mix_row;
