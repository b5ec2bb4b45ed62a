{{ config(materialized="view", access="protected") }}

with briefs as (
    select * from {{ ref("int_resonance__judge_briefs") }}
    where reject_reason is not null
),

answered as (
    select * from {{ ref("int_resonance__recommend") }}
),

alarms as (
    select * from {{ ref("model_monitoring") }}
    where is_newest and has_alarm
),

-- One dataset is one landing; the sample is none.
landing as (
    select max(landed_at) as landed_at from {{ ref("stg_resonance__films") }}
),

quarantined as (
    select
        file_name,
        position,
        reject_reason,
        payload_hash
    from {{ ref("int_resonance__judge_films") }}
    union all
    select
        file_name,
        position,
        reject_reason,
        sha256(concat_ws('|', film_id, person_id, job)) as payload_hash
    from {{ ref("int_resonance__judge_credits") }}
    union all
    select
        'briefs.csv' as file_name,
        brief_no as position,
        reject_reason,
        payload_hash
    from briefs
),

alerts as (
    select
        kind,
        subject,
        message
    from {{ ref("int_resonance__check_data") }}
    union all
    select
        'model ' || replace(check_name, '_', ' ') as kind,
        label || ' ' || subject as subject,
        case check_name
            when 'worse_than_chance'
                then
                    'The ' || subject || ' ranks ' || label || ' of the holdout worse than chance (AUROC ' || round(value, 3)
                    || '): look for too few films or a changed meaning of the outcome. It is not turned around.'
            when 'calibration_drift'
                then
                    'The calibration error of ' || label || ' grew from ' || round(reference_value, 3) || ' to ' || round(value, 3)
                    || ' since the run before: do not read probabilities as such until a later cutoff mends it.'
            when 'threshold_moved'
                then
                    'The bar of ' || label || ' (' || subject || ') moved from ' || round(reference_value, 3) || ' to ' || round(value, 3)
                    || ' since the run before: the two runs do not call the same films good.'
            else
                'In the last holdout year ' || label || ' has a PR-AUC of ' || round(value, 3) || ', surely below the mean of '
                || round(reference_value, 3) || ' of the years before: train up to a later cutoff.'
        end as message
    from alarms
    union all
    select
        'brief rejected' as kind,
        'brief ' || brief_no as subject,
        'Brief ' || brief_no || ' of briefs.csv is in quarantine: ' || problem as message
    from briefs
    union all
    select
        case when problem is null then 'slate short' else 'brief not answered' end as kind,
        'brief ' || brief_no as subject,
        'Brief ' || brief_no || ' of briefs.csv ' || case
            when problem is null then 'lacks ' || missing_count || ' of the actors it asks for: ask for fewer, or loosen a filter.'
            else 'has no slate: ' || problem
        end as message
    from answered
    where problem is not null or missing_count > 0
),

final as (
    select
        'quarantined'::varchar as event,
        file_name::varchar as subject,
        1 as revision,
        position::integer as position,
        reject_reason::varchar as reason,
        payload_hash::varchar as payload_hash,
        null::varchar as message,
        null::bigint as batch_no,
        null::timestamp as landed_at
    from quarantined
    where reject_reason is not null
    union all by name
    select
        'alert' as event,
        subject,
        kind as reason,
        message
    from alerts
    union all by name
    select
        'landing' as event,
        1 as batch_no,
        landed_at
    from landing
    where landed_at is not null
)

select * from final
