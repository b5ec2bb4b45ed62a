{{ config(materialized="view", access="protected") }}
{% set reasons = [
    "date_missing", "date_unreadable", "date_out_of_range", "date_ahead", "quote_unclosed", "cell_too_long", "not_utf8", "record_unreadable"
] %}

with deliveries as (
    select * from {{ ref("int_pulse__judge_deliveries") }}
),

judged as (
    select * from {{ ref("int_pulse__judge_rows") }}
),

notices as (
    select * from {{ ref("stg_pulse__notices") }}
),

counts as (
    select
        deliveries.file_name,
        max(deliveries.last_landed_at) as last_landed_at,
        sum(judged.view_count)::bigint as landed_count,
        {%- for reason in reasons %}
            coalesce(sum(judged.view_count) filter (where judged.reject_reason = '{{ reason }}'), 0)::bigint as {{ reason }}_count,
        {%- endfor %}
        coalesce(sum(judged.view_count) filter (where judged.reject_reason is not null), 0)::bigint as quarantined_count
    from judged
    inner join deliveries
        on judged.delivery_no = deliveries.delivery_no
    group by deliveries.file_name
),

rows_rejected as (
    select
        counts.file_name,
        counts.quarantined_count || ' of ' || counts.landed_count || ' rows of ' || counts.file_name || ' are in quarantine: '
        || case
            when counts.date_unreadable_count > 0.5 * counts.landed_count
                then 'most of their dates are in a form that is not guessed, name it with --date-format, as in --date-format ''%m/%d/%Y''.'
            when counts.date_ahead_count > 0.5 * counts.landed_count
                then
                    'most of their dates lie more than {{ whole_number_var("pulse_days_ahead", 0) }} days after '
                    || counts.last_landed_at::date
                    || ', the day they landed: check them and the clock of this machine, and deliver the file again.'
            else concat_ws(
                ', ',
                {%- for reason in reasons %}
                    case when counts.{{ reason }}_count > 0 then '{{ reason }} ' || counts.{{ reason }}_count end{{ "," if not loop.last }}
                {%- endfor %}
            ) || '{{ "; operations.quarantine names the reason of each" if var("database_is_kept") }}.'
        end as message
    from counts
    where counts.quarantined_count > {{ number_var("rejected_share_limit") }} * counts.landed_count
),

final as (
    {{ event("quarantined", subject="deliveries.file_name", revision="deliveries.revision", position="0", reason="deliveries.reject_reason",
        payload_hash="deliveries.content_hash") }}
    from deliveries
    where deliveries.is_newest and deliveries.reject_reason is not null
    union all
    {{ event("quarantined", subject="deliveries.file_name", revision="deliveries.revision", position="judged.position",
        reason="judged.reject_reason", payload_hash=payload_hash("judged", "notices")) }}
    from judged
    inner join deliveries
        on judged.delivery_no = deliveries.delivery_no
    inner join notices
        on judged.notice_id = notices.notice_id
    where judged.reject_reason is not null
    union all
    {{ event("alert", subject="deliveries.file_name", reason="'file rejected'",
        message="'The newest delivery of ' || deliveries.file_name || ' is not used (' || deliveries.reject_reason || '): '"
        ~ " || deliveries.reject_detail || '.'") }}
    from deliveries
    where deliveries.is_newest and deliveries.reject_reason is not null
    union all
    {{ event("alert", subject="rows_rejected.file_name", reason="'rows rejected'", message="rows_rejected.message") }}
    from rows_rejected
    union all
    {{ event("landing", batch_no="deliveries.delivery_no", landed_at="deliveries.landed_at") }}
    from deliveries
    where deliveries.reject_reason is null
)

select * from final
