select
    filter,
    count(*) as verdicts,
    (sum(hash(node_id, kept, reason, score, "of")) % 18446744073709551616)::ubigint as weight,
    (sum(hash(1, node_id, kept, reason, score, "of")) % 18446744073709551616)::ubigint as other_weight
from verdict
where recipe = ?
group by filter
order by min(rowid);
