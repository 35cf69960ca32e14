-- How fast a profile writes with a model, so that a plan can say how long it takes.
create table throughput (
    run_id bigint not null,
    profile varchar not null,
    devices varchar[] not null,
    model varchar not null,
    seconds double not null,
    requests bigint not null,
    prompt_tokens bigint not null,
    completion_tokens bigint not null
);
