-- A row of preferences rests on the answer that it rejects, too.
alter table mix_row add rejected_id ubigint;
