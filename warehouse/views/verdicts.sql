create or replace view verdicts as
select
    printf('%016x', node_id) as node_id,
    recipe,
    filter,
    kept,
    reason,
    score,
    case when "of" is not null then printf('%016x', "of") end as duplicate_of
from verdict;
