update run
set
    status = ?,
    generated = ?,
    held = ?,
    prompt_tokens = ?,
    completion_tokens = ?,
    seconds = ?,
    finished_at = make_timestamp(epoch_us(now()))
where run_id = ?;
