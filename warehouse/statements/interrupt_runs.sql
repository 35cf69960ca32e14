update run
set
    status = 'interrupted',
    finished_at = make_timestamp(epoch_us(now()))
where status = 'running';
