create or replace view measures as
select
    printf('%016x', node_id) as node_id,
    split_part(metric, ' ', 1) as filter,
    metric,
    score,
    said
from measure;
