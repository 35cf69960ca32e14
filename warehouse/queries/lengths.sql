-- Generated tokens per node: shortest, quartiles, longest, and how many were cut off, by recipe and level.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
select
    owner.recipe,
    owner.level,
    count(*) as nodes,
    min(node.completion_tokens) as shortest,
    quantile_disc(node.completion_tokens, 0.25) as quarter,
    quantile_disc(node.completion_tokens, 0.5) as median,
    quantile_disc(node.completion_tokens, 0.75) as three_quarters,
    max(node.completion_tokens) as longest,
    count_if(node.finish_reason = 'length')::bigint as cut
from node
join owner using (owners)
where node.completion_tokens is not null
and owner.recipe glob $recipe
group by owner.recipe, owner.level
order by owner.recipe, min(node.depth), owner.level;
