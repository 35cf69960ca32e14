-- BM25 with k1 = 1.2 and b = 0.75 (Robertson and Zaragoza 2009, The Probabilistic Relevance Framework), by words of
-- letters and digits in lower case or by quoted phrases anywhere; lengths are in bytes. `contains` makes a pass over
-- all texts first, so that only those with a term are cut into words, which is twenty times slower.
create or replace macro search(words) as table
with asked as (
    select unnest(regexp_extract_all(lower(words), '"[^"]+"|[\pL\pM\pN]+')) as term
),
term as (
    select distinct
        trim(term, '"') as term,
        starts_with(term, '"') as is_phrase
    from asked
),
folded as (
    select
        node_id,
        lower(text) as text
    from node
),
counted as (
    select
        folded.node_id,
        term.term,
        strlen(folded.text) as length,
        case
            when term.is_phrase
                then (length(folded.text) - length(replace(folded.text, term.term, ''))) // length(term.term)
            else len(list_filter(
                regexp_extract_all(folded.text, '[\pL\pM\pN]+'),
                lambda word: word = term.term
            ))
        end as times
    from folded
    cross join term
    where contains(folded.text, term.term)
),
corpus as (
    select
        count(*) as texts,
        avg(strlen(text)) as length
    from node
),
weight as (
    select
        counted.term,
        ln(1 + (any_value(corpus.texts) - count(*) + 0.5) / (count(*) + 0.5)) as weight
    from counted
    cross join corpus
    where counted.times > 0
    group by counted.term
),
ranked as (
    select
        counted.node_id,
        count(*) as found,
        sum(
            weight.weight * counted.times * 2.2
            / (counted.times + 1.2 * (0.25 + 0.75 * counted.length / corpus.length))
        ) as score
    from counted
    join weight using (term)
    cross join corpus
    where counted.times > 0
    group by counted.node_id
)
select
    spelled(ranked.node_id) as node_id,
    owner.recipe,
    owner.level,
    ranked.score,
    ranked.found,
    node.text
from ranked
join node using (node_id)
join owner using (owners)
order by ranked.score desc, ranked.node_id, owner.recipe;
