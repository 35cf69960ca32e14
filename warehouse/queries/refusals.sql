-- Turns that a filter `refusal` or `boilerplate` rejected: the phrase that gave them away and how they begin.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
-- $most = 20: how many
with found as (
    select
        recipe,
        reason,
        node_id
    from verdict
    where split_part(filter, '#', 1) in ('refusal', 'boilerplate')
    and not kept
    and recipe glob $recipe
    order by recipe, reason, node_id
    limit $most
)
select
    found.recipe,
    owner.level,
    found.reason,
    spelled(found.node_id) as node_id,
    left(node.text, 100) as begins
from found
join node using (node_id)
join owner using (owners, recipe)
order by found.recipe, found.reason, found.node_id;
