create or replace view measures as
select
    spelled(node_id) as node_id,
    split_part(metric, ' ', 1) as filter,
    metric,
    score,
    said
from measure;
