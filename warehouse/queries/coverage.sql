-- What became of each topic: nodes generated and kept, tokens spent, rows and tokens in the newest mix.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
-- A topic is a value at the top of the tree, with those above it; what hangs below none has the topic null.
-- `per_row` is what a row of the mix has cost: tokens generated for the topic, rejected ones too.
with recursive mixed as (
    select
        recipe,
        mix_row.leaf_id as node_id,
        count(*) as rows,
        sum(mix_row.tokens) as tokens
    from mix
    join mix_row using (mix_id)
    where mix_id in (
        select max(mix_id)
        from mix
        group by recipe
    )
    and leaf_id is not null
    and recipe glob $recipe
    group by all
),
climbed as (
    select
        mixed.recipe,
        mixed.rows,
        mixed.tokens,
        node.above,
        case when node.role is null and node.request_key is null then node.node_id end as topic_id
    from mixed
    join node using (node_id)
    union all
    select
        climbed.recipe,
        climbed.rows,
        climbed.tokens,
        node.above,
        case
            when node.role is null and node.request_key is null then coalesce(climbed.topic_id, node.node_id)
        end
    from climbed
    join node
        on node.number = climbed.above
),
emitted as (
    select
        recipe,
        topic_id,
        sum(rows) as rows,
        sum(tokens) as tokens
    from climbed
    where above = 0
    group by all
),
spent as (
    select
        recipe,
        topic_id,
        count(completion_tokens) as nodes,
        count(completion_tokens) filter (where fate = 'kept') as kept,
        sum(completion_tokens) as generated
    from fate
    where recipe glob $recipe
    group by all
),
topic as (
    select
        spent.recipe,
        node.node_id,
        node.parent_id,
        node.text
    from spent
    join node
        on node.node_id = spent.topic_id
),
named as (
    select
        recipe,
        node_id as topic_id,
        text as topic
    from topic
    where parent_id = 0
    union all
    select
        recipe,
        topic.node_id,
        named.topic || ' / ' || topic.text
    from named
    join topic using (recipe)
    where topic.parent_id = named.topic_id
)
select
    spent.recipe,
    named.topic,
    spent.nodes,
    spent.kept,
    coalesce(spent.generated, 0)::bigint as generated,
    coalesce(emitted.rows, 0)::bigint as rows,
    coalesce(emitted.tokens, 0)::bigint as tokens,
    round(spent.generated / emitted.rows, 1) as per_row
from spent
left join emitted
    on emitted.recipe = spent.recipe
    and emitted.topic_id is not distinct from spent.topic_id
left join named
    on named.recipe = spent.recipe
    and named.topic_id = spent.topic_id
where spent.nodes > 0
or spent.topic_id not in (
    select parent_id
    from topic
)
order by spent.recipe, rows, spent.kept, named.topic, spent.topic_id;
