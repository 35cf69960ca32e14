-- What each level has cost: tokens and seconds of all its nodes, and how many that is for a row of the newest mix.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
-- Seconds are those that a run's model took, shared out by generated tokens; null where a run recorded none.
-- `prompt` counts tokens that were read, `tokens` those generated. A recipe's last line has its levels together; a text that was adopted from an equal request counts in full.
with worked as (
    select
        owner.recipe,
        owner.level,
        node.run_id,
        node.model,
        any_value(node.depth) as depth,
        count(*) as nodes,
        sum(node.prompt_tokens) as prompt_tokens,
        sum(node.completion_tokens) as tokens
    from node
    join owner using (owners)
    where node.request_key is not null
    and owner.recipe glob $recipe
    group by all
),
pace as (
    select
        run_id,
        model,
        sum(seconds) / nullif(sum(completion_tokens), 0) as seconds
    from throughput
    group by all
),
spent as (
    select
        worked.recipe,
        worked.level,
        min(worked.depth) as depth,
        sum(worked.nodes) as nodes,
        sum(worked.prompt_tokens) as prompt_tokens,
        sum(worked.tokens) as tokens,
        sum(worked.tokens * pace.seconds) as seconds
    from worked
    left join pace using (run_id, model)
    group by all
),
emitted as (
    select
        mix.recipe,
        count(mix_row.leaf_id) as rows
    from mix
    join mix_row using (mix_id)
    where mix_id in (
        select max(mix_id)
        from mix
        group by recipe
    )
    group by all
)
select
    spent.recipe,
    spent.level,
    sum(spent.nodes)::bigint as nodes,
    sum(spent.prompt_tokens)::bigint as prompt,
    sum(spent.tokens)::bigint as tokens,
    round(sum(spent.seconds), 1) as seconds,
    round(sum(spent.tokens) / nullif(any_value(emitted.rows), 0), 1) as row_tokens,
    round(sum(spent.seconds) / nullif(any_value(emitted.rows), 0), 3) as row_seconds
from spent
left join emitted using (recipe)
group by grouping sets ((spent.recipe, spent.level), (spent.recipe))
order by spent.recipe, grouping(spent.level), min(spent.depth), spent.level;
