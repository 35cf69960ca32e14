-- How alike the children of a parent are: words that two of them share, of the words that either has.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
-- $parents = 1000: how many parents of a level are looked at, the same ones each time
-- Words are runs of letters and digits in lower case. A parent's likeness is the Jaccard index with both counts summed
-- over all pairs of its children; `most_alike` is the parent with the highest.
with parent as (
    select
        owner.recipe,
        owner.level,
        node.parent_id,
        min(node.depth) as depth,
        count(*) as children
    from node
    join owner using (owners)
    where node.request_key is not null
    and owner.recipe glob $recipe
    group by owner.recipe, owner.level, node.parent_id
    having count(*) > 1
    qualify row_number() over (
        partition by owner.recipe, owner.level
        order by node.parent_id
    ) <= $parents::bigint
),
word as (
    select
        parent.*,
        unnest(list_distinct(regexp_extract_all(lower(node.text), '[\pL\pN]+'))) as word
    from parent
    join node using (parent_id)
    join owner
        on owner.owners = node.owners
        and owner.recipe = parent.recipe
        and owner.level = parent.level
),
used as (
    select
        recipe,
        level,
        parent_id,
        depth,
        children,
        word,
        count(*) as users
    from word
    group by all
),
alike as (
    select
        recipe,
        level,
        parent_id,
        depth,
        children,
        sum(users * (users - 1) / 2) as shared,
        sum(users) * (children - 1) - shared as either
    from used
    group by recipe, level, parent_id, depth, children
)
select
    recipe,
    level,
    count(*) as parents,
    round(avg(children), 1) as children,
    round(avg(shared / either), 3) as likeness,
    round(quantile_cont(shared / either, 0.9), 3) as ninth_decile,
    round(max(shared / either), 3) as highest,
    spelled(nullif(arg_max(parent_id, shared / either), 0)) as most_alike
from alike
group by recipe, level
order by recipe, min(depth), level;
