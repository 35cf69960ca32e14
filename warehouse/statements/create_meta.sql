create table if not exists meta (
    schema_version bigint not null,
    views varchar not null
);
