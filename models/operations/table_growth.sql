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
        case when count(*) > 1 then regr_slope(settled.byte_count, settled.batch_count) end as byte_slope
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
        case
            when rates.bytes_per_batch > 0
                then greatest(0, ceil(({{ number_var("table_bytes_limit") }} - rates.byte_count) / rates.bytes_per_batch))
        end as batches_to_limit
    from rates
),

final as (
    select
        projected.product::varchar as product,
        projected.table_schema::varchar as table_schema,
        projected.table_name::varchar as table_name,
        projected.measured_at::timestamp as measured_at,
        projected.batch_count::bigint as batch_count,
        projected.row_count::bigint as row_count,
        projected.byte_count::bigint as byte_count,
        projected.rows_per_batch::double as rows_per_batch,
        projected.bytes_per_batch::double as bytes_per_batch,
        projected.batches_to_limit::bigint as batches_to_limit,
        (projected.batches_to_limit / case projected.product
            {%- for product in products() %}
                {%- set batches_per_day = product ~ "_batches_per_day" %}
                when '{{ product }}' then {{ number_var(batches_per_day) if var(batches_per_day, none) is not none else "null::double" }}
            {%- endfor %}
        end)::double as days_to_limit
    from projected
)

select * from final
