-- Turns rejected as duplicates, each beside the one that was kept in its place, the least alike first.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
-- $most = 20: how many
with found as (
    select
        recipe,
        filter,
        score,
        node_id,
        "of" as kept_id
    from verdict
    where "of" is not null
    and not kept
    and recipe glob $recipe
    order by score, recipe, filter, node_id
    limit $most
)
select
    found.recipe,
    found.filter,
    round(found.score, 3) as score,
    duplicate.text as rejected,
    original.text as kept
from found
join node as duplicate
    on duplicate.node_id = found.node_id
join node as original
    on original.node_id = found.kept_id
order by found.score, found.recipe, found.filter, found.node_id;
