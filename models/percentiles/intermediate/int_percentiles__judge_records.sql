-- Hashes find the few ids that may be there twice: grouping every id by its text would take a third more time and memory.
{{ config(
    materialized="incremental",
    partition_by="fingerprint",
    pre_hook="{{ drop_stale_partitions(ref('int_percentiles__judge_deliveries')) }}"
) }}

with deliveries as (
    {{ missing_partitions(ref("int_percentiles__judge_deliveries")) }}
),

records as (
    select * from {{ ref("stg_percentiles__records") }}
),

industries as (
    select * from {{ ref("stg_percentiles__industries") }}
),

delivered as (
    select
        deliveries.fingerprint,
        records.*
    from records
    inner join deliveries
        on
            records.batch_no = deliveries.batch_no
            and records.file_name = deliveries.file_name
            and records.revision = deliveries.revision
    where deliveries.is_first_of_content
),

labels as (
    select
        delivered.industry_label,
        repair_label(
            delivered.industry_label,
            (select array_sort(array_agg(industries.industry) filter (where industries.industry is not null)) from industries)
        ) as industry
    from delivered
    group by delivered.industry_label
),

judged_alone as (
    select
        delivered.*,
        labels.industry,
        case
            when not delivered.is_object then 'record_not_object'
            when delivered.has_unusable_character then 'character_unusable'
            when delivered.asset_id is null then 'id_missing'
            when delivered.score is null then 'score_not_numeric'
            when abs(delivered.score) > {{ number_var("percentiles_score_limit") }} then 'score_implausible'
            when labels.industry is null then 'industry_unknown'
        end as own_reason
    from delivered
    left join labels
        on delivered.industry_label = labels.industry_label
),

crowded_hashes as (
    select
        judged_alone.fingerprint,
        {{ quick_hash("judged_alone.asset_id") }} as asset_hash
    from judged_alone
    where judged_alone.own_reason is null
    group by judged_alone.fingerprint, asset_hash
    having count(*) > 1
),

same_ids as (
    select
        judged_alone.fingerprint,
        judged_alone.asset_id,
        min(judged_alone.position) as first_position,
        min(judged_alone.score) <> max(judged_alone.score) or min(judged_alone.industry) <> max(judged_alone.industry) as is_conflict
    from judged_alone
    inner join crowded_hashes
        on
            judged_alone.fingerprint = crowded_hashes.fingerprint
            and {{ quick_hash("judged_alone.asset_id") }} = crowded_hashes.asset_hash
    where judged_alone.own_reason is null
    group by judged_alone.fingerprint, judged_alone.asset_id
    having count(*) > 1
),

judged as (
    select
        judged_alone.*,
        case
            when judged_alone.own_reason is not null then judged_alone.own_reason
            when same_ids.is_conflict then 'conflict'
            when judged_alone.position > same_ids.first_position then 'duplicate'
        end as reject_reason
    from judged_alone
    left join same_ids
        on
            judged_alone.fingerprint = same_ids.fingerprint
            and judged_alone.asset_id = same_ids.asset_id
),

final as (
    select
        judged.batch_no,
        judged.file_name,
        judged.revision,
        judged.position,
        judged.asset_id,
        judged.score,
        judged.industry,
        judged.industry <> judged.industry_label as is_label_repaired,
        judged.reject_reason,
        case when judged.reject_reason is not null then judged.payload end as payload,
        judged.fingerprint
    from judged
)

select * from final
