-- How did the scores of one industry move? Its windows, every third of them, so that none overlaps the next.
-- tenths: how many scores lie in each tenth of the baseline.
select
    distribution.batch_no as iteration,
    distribution.score_count,
    round(distribution.mean, 3) as mean,
    round(distribution.standard_deviation, 3) as deviation,
    round(distribution.median_score, 3) as median,
    array_to_string(distribution.decile_counts, '-') as tenths
from {{ ref("score_distribution") }} as distribution
where distribution.industry = 'Hair care' and distribution.scope = 'window' and distribution.batch_no % 3 = 0
order by distribution.batch_no
