-- Generated tokens per node: shortest, quartiles, longest, and how many were cut, by recipe and level.
select
    recipe,
    level,
    count(*) as nodes,
    min(completion_tokens) as shortest,
    quantile_disc(completion_tokens, 0.25) as quarter,
    quantile_disc(completion_tokens, 0.5) as median,
    quantile_disc(completion_tokens, 0.75) as three_quarters,
    max(completion_tokens) as longest,
    count_if(finish_reason = 'length')::bigint as cut
from nodes
where completion_tokens is not null
group by recipe, level, depth
order by recipe, depth, level;
