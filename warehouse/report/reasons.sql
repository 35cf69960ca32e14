-- Why nodes were rejected: the most frequent reasons of each filter on each level.
-- $recipe: whose
-- $most: how many of each
-- Reasons that differ in numbers and ids only are one, of which the first in the order of texts is told.
with rejected as (
    select
        member.level,
        verdict.filter,
        regexp_replace(coalesce(verdict.reason, ''), '\b[0-9a-f]{16}\b|[0-9][0-9.,]*', '#', 'g') as form,
        min(verdict.reason) as reason,
        count(*) as nodes,
        count(verdict."of") as duplicates
    from verdict
    join member using (recipe, node_id)
    where verdict.recipe = $recipe
    and not verdict.kept
    group by all
)
select
    level,
    filter,
    left(reason, 160) as reason,
    nodes,
    (sum(nodes) over everything)::bigint as of_filter,
    (sum(duplicates) over everything)::bigint as duplicates,
    count(*) over everything as reasons
from rejected
window everything as (partition by level, filter)
qualify row_number() over (
    partition by level, filter
    order by nodes desc, form
) <= $most::bigint
order by level, filter, nodes desc, form;
