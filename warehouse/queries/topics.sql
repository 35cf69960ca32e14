-- Rows and tokens of each recipe's newest mix, per topic.
with newest as (
    select
        recipe,
        max(mix_id) as mix_id
    from mixes
    group by recipe
)
select
    newest.recipe,
    array_to_string(conversations.topic, ' / ') as topic,
    count(*) as rows,
    sum(mix_rows.tokens)::bigint as tokens
from newest
join mix_rows using (mix_id)
join conversations using (recipe, leaf_id)
group by all
order by recipe, rows desc, topic;
