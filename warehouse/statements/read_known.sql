select
    number as place,
    text,
    value,
    completion_tokens,
    finish_reason,
    mean_logprob
from node
semi join wanted using (number)
where number between ? and ?;
