-- Where would a score of 0.6 have stood in each industry, at batch 5 and at batch 20? Any score, any time, without its asset.
select
    curve.industry,
    curve.iteration,
    round({{ percentile_of("0.6") }}, 1) as percentile
from {{ ref("percentile_curve") }} as curve
where curve.iteration in (5, 20)
group by curve.industry, curve.iteration
order by curve.industry, curve.iteration
