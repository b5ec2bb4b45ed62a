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
    {%- for event, columns, source in [
        ("quarantined", {"subject": "deliveries.file_name", "revision": "deliveries.revision", "position": "0",
            "reason": "deliveries.reject_reason", "payload_hash": "deliveries.content_hash"},
            "deliveries where deliveries.is_newest and deliveries.reject_reason is not null"),
        ("quarantined", {"subject": "deliveries.file_name", "revision": "deliveries.revision", "position": "judged.position",
            "reason": "judged.reject_reason", "payload_hash": payload_hash("judged", "notices")},
            "judged inner join deliveries on judged.delivery_no = deliveries.delivery_no "
            ~ "inner join notices on judged.notice_id = notices.notice_id where judged.reject_reason is not null"),
        ("alert", {"subject": "deliveries.file_name", "reason": "'file rejected'",
            "message": "'The newest delivery of ' || deliveries.file_name || ' is not used (' || deliveries.reject_reason || '): ' "
            ~ "|| deliveries.reject_detail || '.'"},
            "deliveries where deliveries.is_newest and deliveries.reject_reason is not null"),
        ("alert", {"subject": "rows_rejected.file_name", "reason": "'rows rejected'", "message": "rows_rejected.message"}, "rows_rejected"),
        ("landing", {"batch_no": "deliveries.delivery_no", "landed_at": "deliveries.landed_at"},
            "deliveries where deliveries.reject_reason is null"),
    ] %}
        select
            '{{ event }}' as event,
            {{ columns.get("subject", "null") }}::string as subject,
            {{ columns.get("revision", "null") }}::int as revision,
            {{ columns.get("position", "null") }}::int as position,
            {{ columns.get("reason", "null") }}::string as reason,
            ({{ columns.get("payload_hash", "null") }})::string as payload_hash,
            ({{ columns.get("message", "null") }})::string as message,
            {{ columns.get("batch_no", "null") }}::bigint as batch_no,
            {{ columns.get("landed_at", "null") }}::timestamp as landed_at
        from {{ source }}
        {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
