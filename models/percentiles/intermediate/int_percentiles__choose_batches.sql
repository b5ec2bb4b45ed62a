{{ config(
    post_hook="{{ refuse_to_take_away(ref('int_percentiles__judge_deliveries'), ref('int_percentiles__judge_records')) }}"
) }}

-- A batch without a valid asset holds nothing to compare with: it counts nowhere, and `[]` withdraws a batch.
with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
    where is_in_force
),

records as (
    select * from {{ ref("int_percentiles__judge_records") }}
    where reject_reason is null
),

filled as (
    select distinct records.fingerprint from records
),

final as (
    select
        deliveries.batch_no,
        deliveries.file_name,
        deliveries.dataset,
        deliveries.fingerprint
    from deliveries
    inner join filled
        on deliveries.fingerprint = filled.fingerprint
)

select * from final
