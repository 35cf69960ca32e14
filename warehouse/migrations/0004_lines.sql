-- A row of a file that was blended in is known by its source and the line on which it begins.
alter table mix_row add column if not exists line bigint;
