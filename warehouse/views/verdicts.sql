create or replace view verdicts as
select
    spelled(node_id) as node_id,
    recipe,
    filter,
    kept,
    reason,
    score,
    case when "of" is not null then spelled("of") end as duplicate_of
from verdict;
