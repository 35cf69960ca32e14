-- What an i-th sibling still adds: the share of its texts, words and pairs of words that no sibling before it has.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
-- $parents = 100: how many parents of a level are looked at, the same ones each time
-- Words are runs of letters and digits in lower case, and count once per text (distinct-1 and distinct-2 of
-- Li et al. 2016, arXiv 1510.03055, sibling by sibling). Where the shares fall towards 0, a larger `branch` adds little.
with parent as materialized (
    select
        owner.recipe,
        owner.level,
        node.parent_id,
        min(node.depth) as depth
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
sibling as materialized (
    select
        parent.*,
        node.node_id,
        node.ordinal,
        regexp_extract_all(lower(node.text), '[\pL\pN]+') as words
    from parent
    join node using (parent_id)
    join owner
        on owner.owners = node.owners
        and owner.recipe = parent.recipe
        and owner.level = parent.level
),
said as (
    select
        * exclude (words),
        'text' as kind,
        array_to_string(words, ' ') as what
    from sibling
    union all
    select
        * exclude (words),
        'word',
        unnest(list_distinct(words))
    from sibling
    union all
    select
        * exclude (words),
        'pair',
        unnest(list_distinct(list_transform(
            range(1, len(words)),
            lambda place: words[place] || ' ' || words[place + 1]
        )))
    from sibling
),
aged as (
    select
        recipe,
        level,
        depth,
        ordinal,
        node_id,
        kind,
        ordinal = min(ordinal) over (partition by recipe, level, parent_id, kind, what) as fresh
    from said
)
select
    recipe,
    level,
    ordinal,
    count(*) filter (where kind = 'text') as siblings,
    round(avg(fresh::integer) filter (where kind = 'text'), 3) as new_texts,
    round(avg(fresh::integer) filter (where kind = 'word'), 3) as new_words,
    round(avg(fresh::integer) filter (where kind = 'pair'), 3) as new_pairs
from aged
group by recipe, level, ordinal
order by recipe, min(depth), level, ordinal;
