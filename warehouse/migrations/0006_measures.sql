-- What filters measure is kept, so that another threshold measures nothing again; of a duplicate it is known whose.
create table measure (
    metric varchar not null,
    node_id ubigint not null,
    score double,
    said varchar
);

alter table verdict add column if not exists "of" ubigint;
