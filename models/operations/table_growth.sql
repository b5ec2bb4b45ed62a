-- The size of a table with `meta: {size: internal}` is a total: with it, what a release holds back could be found by subtraction.
{%- set hidden = [] -%}
{%- for node in graph.get("nodes", {}).values() | sort(attribute="unique_id") -%}
    {%- if node.resource_type == "model" and node.config.meta.get("size") == "internal" -%}
        {%- do hidden.append("(" ~ text_literal(node.schema) ~ ", " ~ text_literal(node.alias) ~ ")") -%}
    {%- endif -%}
{%- endfor %}

with sizes as (
    select * from {{ ref("table_sizes") }}
    {{ "where (table_schema, table_name) not in (" ~ hidden | join(", ") ~ ")" if hidden }}
),

-- Of several runs at the same number of batches the last one counts: restatements and retention change a table without a batch.
settled as (
    select
        sizes.*,
        row_number() over (
            partition by sizes.table_schema, sizes.table_name, sizes.batch_count
            order by sizes.measured_at desc nulls last, sizes.run_id desc nulls last
        ) as recency_at_count,
        row_number() over (
            partition by sizes.table_schema, sizes.table_name
            order by sizes.measured_at desc nulls last, sizes.run_id desc nulls last
        ) as recency
    from sizes
),

slopes as (
    select
        settled.table_schema,
        settled.table_name,
        -- One point has no slope, and the engines disagree on what to call that.
        case when count(*) > 1 then regr_slope(settled.row_count, settled.batch_count) end as row_slope,
        case when count(*) > 1 then regr_slope(settled.byte_count, settled.batch_count) end as byte_slope,
        -- Less than a day says nothing about the next one.
        case
            when max(settled.measured_at) >= min(settled.measured_at) + interval 1 day
                then regr_slope(settled.byte_count, epoch(settled.measured_at) / 86400)
        end as byte_slope_per_day
    from settled
    where settled.recency_at_count = 1
    group by settled.table_schema, settled.table_name
),

rates as (
    select
        settled.product,
        settled.table_schema,
        settled.table_name,
        settled.measured_at,
        settled.batch_count,
        settled.row_count,
        settled.byte_count,
        settled.index_byte_count,
        settled.dead_row_count,
        slopes.byte_slope_per_day,
        case
            when settled.table_schema = 'postgres' then {{ number_var("percentiles_source_bytes_limit") }}
            else {{ number_var("table_bytes_limit") }}
        end - settled.byte_count as bytes_left,
        -- Everything may have come in one run: then the average is the best guess there is.
        coalesce(slopes.row_slope, settled.row_count / nullif(settled.batch_count, 0)) as rows_per_batch,
        coalesce(slopes.byte_slope, settled.byte_count / nullif(settled.batch_count, 0)) as bytes_per_batch
    from settled
    inner join slopes
        on
            settled.table_schema = slopes.table_schema
            and settled.table_name = slopes.table_name
    where settled.recency = 1
),

projected as (
    select
        rates.*,
        case when rates.bytes_per_batch > 0 then greatest(0, ceil(rates.bytes_left / rates.bytes_per_batch)) end as batches_to_limit
    from rates
),

in_days as (
    select
        projected.*,
        coalesce(  -- a table in PostgreSQL has days of its own, as they were measured
            case
                when projected.table_schema = 'postgres' and projected.byte_slope_per_day > 0
                    then greatest(0, projected.bytes_left / projected.byte_slope_per_day)
            end,
            projected.batches_to_limit / case projected.product
                {%- for product in products() %}
                    {%- set per_day = product ~ "_batches_per_day" %}
                    when '{{ product }}' then {{ number_var(per_day) if var(per_day, none) is not none else "null::double" }}
                {%- endfor %}
            end
        ) as days_to_limit
    from projected
),

final as (
    select
        in_days.product::varchar as product,
        in_days.table_schema::varchar as table_schema,
        in_days.table_name::varchar as table_name,
        in_days.measured_at::timestamp as measured_at,
        in_days.batch_count::bigint as batch_count,
        in_days.row_count::bigint as row_count,
        in_days.byte_count::bigint as byte_count,
        in_days.rows_per_batch::double as rows_per_batch,
        in_days.bytes_per_batch::double as bytes_per_batch,
        in_days.batches_to_limit::bigint as batches_to_limit,
        in_days.days_to_limit::double as days_to_limit,
        in_days.index_byte_count::bigint as index_byte_count,
        in_days.dead_row_count::bigint as dead_row_count,
        -- What lies centuries ahead is no date.
        case
            when in_days.days_to_limit < 100000 then (in_days.measured_at + interval 1 day * floor(in_days.days_to_limit)::int)::date
        end as limit_reached_on
    from in_days
)

select * from final
