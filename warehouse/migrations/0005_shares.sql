-- Shares of a mix may be of the tokens that trainers learn from, and its blocks are of rows with images or without.
alter table mix_row add column if not exists supervised_tokens bigint;
alter table mix_row add column if not exists images bigint;
