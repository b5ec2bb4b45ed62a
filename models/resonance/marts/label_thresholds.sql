{{ config(materialized="view") }}

with label_thresholds as (
    select * from {{ ref("int_resonance__label_thresholds") }}
),

final as (
    select
        label_thresholds.label,
        label_thresholds.threshold_no,
        label_thresholds.budget_bin,
        label_thresholds.over_usd,
        label_thresholds.up_to_usd,
        label_thresholds.threshold,
        label_thresholds.film_count
    from label_thresholds
)

select * from final
