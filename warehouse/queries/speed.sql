-- How fast each run generated, by model: seconds that the model took, requests and tokens a second, newest run first.
-- $recipe = *: recipes of this name, or of one like it (`tg-*`)
select
    run.recipe,
    run.run_id,
    throughput.profile,
    throughput.model,
    round(throughput.seconds, 1) as seconds,
    throughput.requests,
    round(throughput.requests / nullif(throughput.seconds, 0), 2) as requests_a_second,
    round(throughput.completion_tokens / nullif(throughput.seconds, 0), 1) as tokens_a_second
from throughput
join run using (run_id)
where run.recipe glob $recipe
order by run.run_id desc, throughput.model;
