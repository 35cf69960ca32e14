-- What a run was made from can be read when the files are long gone: the text of every template, by its name.
alter table run add column if not exists templates json;
