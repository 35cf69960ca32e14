create or replace view fate as
with recursive rejected as (
    select
        recipe,
        node_id,
        min(filter) as filter
    from verdict
    where not kept
    group by recipe, node_id
),
holder as (
    select distinct
        owners,
        recipe
    from owner
),
grown as (
    select
        holder.recipe,
        node.owners,
        node.number,
        node.node_id,
        node.role is null and node.request_key is null as given,
        case when given then node.node_id end as topic_id,
        node.completion_tokens,
        rejected.filter,
        false as below
    from node
    join holder using (owners)
    left join rejected using (recipe, node_id)
    where node.above = 0
    union all
    select
        holder.recipe,
        node.owners,
        node.number,
        node.node_id,
        grown.given and node.role is null and node.request_key is null as of_values,
        case when of_values then node.node_id else grown.topic_id end,
        node.completion_tokens,
        rejected.filter,
        grown.below or grown.filter is not null
    from grown
    join node
        on node.above = grown.number
    join holder
        on holder.owners = node.owners
        and holder.recipe = grown.recipe
    left join rejected
        on rejected.node_id = node.node_id
        and rejected.recipe = grown.recipe
)
select
    recipe,
    owner.level,
    grown.node_id,
    grown.topic_id,
    grown.completion_tokens,
    case
        when grown.filter is not null then 'rejected'
        when grown.below then 'below rejected'
        else 'kept'
    end as fate,
    grown.filter
from grown
join owner using (owners, recipe);

create or replace view fates as
select
    spelled(node_id) as node_id,
    recipe,
    level,
    case when topic_id is not null then spelled(topic_id) end as topic_id,
    completion_tokens,
    fate,
    filter
from fate;
