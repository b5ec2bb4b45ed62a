{#
    Stops the run, where `percentiles_keeps_most` asks for it, before `scores` would lose more than half of its rows: of those ids that have no valid
    record any more, in no batch, as many as new ones come are made up for. Only batches that changed since the last run can lose any. Called where that is
    known and no mart has been written yet.
#}
{% macro refuse_to_take_away(deliveries, records) -%}
    {{ adapter.dispatch("refuse_to_take_away")(deliveries, records) }}
{%- endmacro %}

{% macro duckdb__refuse_to_take_away(deliveries, records) -%}
    {%- set scores = adapter.get_relation(this.database, "percentiles", "latest_scores") if execute else none -%}
    {%- set plan = adapter.get_relation(this.database, this.schema, "int_percentiles__plan_latest") if execute else none -%}
    {%- if scores and plan and var("percentiles_keeps_most") -%}
        {%- set total = query_value("select count(*) from " ~ scores) -%}
        {%- set touched = query_value("select count(*) from (" ~ rows_of_changed_batches(scores, plan) ~ ")") -%}
        {%- if 2 * touched > total -%}
            {%- set reasons = run_query(rows_that_go(scores, plan, deliveries, records)).rows -%}
            {%- set gone = reasons | sum(attribute="row_count") -%}
            {%- if 2 * gone > total and 2 * (gone - query_value(count_of_rows_that_come(scores, plan, records))) > total -%}
                {%- set why = [] -%}
                {%- for row in reasons -%} {%- do why.append(row.reason ~ " " ~ "{:,}".format(row.row_count | int)) -%} {%- endfor -%}
                {{ exceptions.raise_compiler_error(
                    "Would take away: " ~ "{:,}".format(gone | int) ~ " of the " ~ "{:,}".format(total) ~ " rows of scores would go ("
                    ~ why | join(", ") ~ "): scores and its history were left as they were."
                ) }}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro rows_of_changed_batches(scores, plan) -%}
    select scores.id, scores.batch_no
    from {{ scores }} as scores
    where scores.batch_no not in (
        select plan.batch_no
        from {{ plan }} as plan
        inner join {{ this }} as chosen on plan.batch_no = chosen.batch_no and plan.delivery_fingerprint = chosen.fingerprint
    )
{%- endmacro %}

{% macro count_of_rows_that_come(scores, plan, records) -%}
    select count(distinct records.asset_id)
    from {{ records }} as records
    inner join {{ this }} as chosen on records.fingerprint = chosen.fingerprint
    where
        records.reject_reason is null
        and chosen.fingerprint not in (select plan.delivery_fingerprint from {{ plan }} as plan)
        and records.asset_id not in (select scores.id from {{ scores }} as scores)
{%- endmacro %}

{# How many go, by reason. #}
{% macro rows_that_go(scores, plan, deliveries, records) -%}
    with gone as (
        select changed.* from ({{ rows_of_changed_batches(scores, plan) }}) as changed
        where changed.id not in (
            select records.asset_id
            from {{ records }} as records
            inner join {{ this }} as chosen on records.fingerprint = chosen.fingerprint
            where records.reject_reason is null
        )
    ),
    rejected as (
        select records.batch_no, records.asset_id, min(records.reject_reason) as reason
        from {{ records }} as records
        inner join {{ deliveries }} as deliveries on records.fingerprint = deliveries.fingerprint and deliveries.is_in_force
        where records.reject_reason is not null
        group by records.batch_no, records.asset_id
    )
    select coalesce(rejected.reason, 'no longer delivered') as reason, count(*) as row_count
    from gone
    left join rejected on gone.batch_no = rejected.batch_no and gone.id = rejected.asset_id
    group by all
    order by row_count desc, reason
{%- endmacro %}
