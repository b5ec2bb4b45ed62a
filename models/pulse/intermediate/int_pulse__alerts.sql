{{ config(materialized="view", access="protected") }}

with deliveries as (
    select * from {{ ref("int_pulse__judge_deliveries") }}
),

judged as (
    select * from {{ ref("int_pulse__judge_rows") }}
),

counts as (
    select
        deliveries.file_name,
        sum(judged.view_count)::bigint as landed_count,
        coalesce(sum(judged.view_count) filter (where judged.reject_reason is not null), 0)::bigint as quarantined_count,
        coalesce(sum(judged.view_count) filter (where judged.reject_reason = 'date_unreadable'), 0)::bigint as undated_count
    from judged
    inner join deliveries
        on judged.delivery_no = deliveries.delivery_no
    group by deliveries.file_name
),

final as (
    select
        'file rejected' as kind,
        deliveries.file_name as subject,
        'The newest delivery of ' || deliveries.file_name || ' is not used (' || deliveries.reject_reason || '): '
        || deliveries.reject_detail || '.' as message
    from deliveries
    where deliveries.is_newest and deliveries.reject_reason is not null
    union all
    select
        'rows rejected' as kind,
        counts.file_name as subject,
        counts.quarantined_count || ' of ' || counts.landed_count || ' rows of ' || counts.file_name || ' are in quarantine: '
        || case
            when counts.undated_count > 0.5 * counts.landed_count
                then 'most of their dates are in a form that is not guessed, name it with --date-format, as in --date-format ''%m/%d/%Y''.'
            else 'operations.quarantine names the reason of each.'
        end as message
    from counts
    where counts.quarantined_count > {{ number_var("rejected_share_limit") }} * counts.landed_count
)

select * from final
