select
    model,
    devices,
    seconds,
    requests,
    prompt_tokens,
    completion_tokens
from throughput
where profile = ?
order by run_id desc
limit ?;
