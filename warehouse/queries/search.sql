-- Texts with some of these words or "quoted phrases", the best by BM25 first.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
-- $words: what to look for
-- $most = 10: how many
select
    round(score, 2) as score,
    found,
    level,
    node_id,
    text
from search($words) as search
where recipe glob $recipe
order by search.score desc, node_id, recipe
limit $most;
