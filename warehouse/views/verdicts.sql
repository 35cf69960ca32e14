create or replace view verdicts as
select
    printf('%016x', node_id) as node_id,
    recipe,
    filter,
    kept,
    reason,
    score
from verdict;
