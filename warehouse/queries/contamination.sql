-- Rows of benchmarks that texts were rejected for, the most often hit first: how many texts, and by which words.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
-- $most = 20: how many
with hit as (
    select
        recipe,
        node_id,
        score,
        regexp_extract(reason, '^.*? of (.*):(\d+): `(.*)`', ['benchmark', 'row', 'words']) as found
    from verdict
    where split_part(filter, '#', 1) = 'decontaminate'
    and not kept
    and recipe glob $recipe
)
select
    recipe,
    found.benchmark as benchmark,
    found.row::bigint as row,
    count(*) as nodes,
    round(max(score), 3) as share,
    spelled(min(node_id)) as node_id,
    arg_min(found.words, node_id) as words
from hit
group by all
order by nodes desc, recipe, benchmark, row
limit $most;
