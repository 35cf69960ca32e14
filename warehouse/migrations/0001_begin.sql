-- Ids are unsigned 64-bit words and there are no primary keys: the one writer skips what is held before it
-- inserts, which costs a fifteenth of the space of an index. Everything but `member` and `verdict` is append-only.
create table node (
    node_id ubigint not null,
    parent_id ubigint not null,
    level varchar not null,
    ordinal bigint not null,
    depth bigint not null,
    role varchar,
    text varchar not null,
    value json,
    request_key varchar,
    prompt_tokens bigint,
    completion_tokens bigint,
    finish_reason varchar,
    mean_logprob double,
    model varchar,
    seed bigint,
    run_id bigint,
    created_at timestamp default make_timestamp(epoch_us(now()))
);

create table member (
    recipe varchar not null,
    level varchar not null,
    node_id ubigint not null
);

create table pick (
    selector varchar not null,
    node_id ubigint not null,
    rank bigint not null
);

create table verdict (
    node_id ubigint not null,
    recipe varchar not null,
    filter varchar not null,
    kept boolean not null,
    reason varchar,
    score double
);

create table failure (
    recipe varchar not null,
    level varchar not null,
    node_id ubigint not null,
    parent_id ubigint not null,
    request_key varchar,
    reason varchar not null,
    run_id bigint,
    failed_at timestamp default make_timestamp(epoch_us(now()))
);

create table run (
    run_id bigint not null,
    recipe varchar not null,
    recipe_text varchar not null,
    recipe_hash varchar not null,
    levels json not null,
    git_commit varchar,
    git_dirty boolean,
    status varchar not null,
    started_at timestamp default make_timestamp(epoch_us(now())),
    finished_at timestamp,
    generated bigint default 0,
    held bigint default 0,
    prompt_tokens bigint default 0,
    completion_tokens bigint default 0,
    seconds double,
    tgc_version varchar not null
);

create table mix (
    mix_id bigint not null,
    recipe varchar not null,
    run_id bigint,
    identity varchar not null,
    rows bigint not null,
    tokens bigint not null,
    outputs varchar[] not null,
    created_at timestamp default make_timestamp(epoch_us(now()))
);

create table mix_row (
    mix_id bigint not null,
    position bigint not null,
    split varchar not null,
    source varchar not null,
    leaf_id ubigint,
    turns bigint not null,
    tokens bigint not null
);
