{# The batches that counted until now, before a run chooses them anew: refuse_to_take_away compares the two. #}
{% macro note_chosen_batches() -%}
    {%- if target.type == "duckdb" -%}
    create or replace temp table chosen_before as
    {{ "select batch_no, delivery_fingerprint from " ~ this ~ " where age = 0" if load_relation(this) is not none
        else "select null::bigint as batch_no, null::bigint as delivery_fingerprint where false" }}
    {%- endif -%}
{%- endmacro %}

{#
    Stops the run, where `percentiles_keeps_most` asks for it, before `scores` would lose more than half of its rows. An id goes when no batch holds
    a valid record of it any more; each new id makes up for one that goes. Only batches that changed can lose any. No mart has been written yet.
    The command `load` asks for it, and loads into DuckDB alone.
#}
{% macro refuse_to_take_away(deliveries, records) -%}
    {%- set is_asked = execute and target.type == "duckdb" and var("percentiles_keeps_most") -%}
    {%- set scores = adapter.get_relation(this.database, "percentiles", "latest_scores") if is_asked else none -%}
    {%- if scores -%}
        {%- set total = query_value("select count(*) from " ~ scores) -%}
        {%- set changed -%}
            select id, batch_no from {{ scores }}
            where batch_no not in (
                select chosen.batch_no
                from {{ this }} as chosen
                inner join chosen_before using (batch_no, delivery_fingerprint)
                where chosen.age = 0
            )
        {%- endset -%}
        {%- if 2 * query_value("select count(*) from (" ~ changed ~ ")") > total -%}
            {%- set reasons = run_query(rows_that_go(changed, deliveries, records)).rows -%}
            {%- set gone = reasons | sum(attribute="row_count") -%}
            {%- set new_ids = query_value(
                "select count(distinct asset_id) from " ~ records ~ " where reject_reason is null and fingerprint in (select delivery_fingerprint from "
                ~ this ~ " where age = 0 and delivery_fingerprint not in (select delivery_fingerprint from chosen_before)) and asset_id not in (select id from "
                ~ scores ~ ")"
            ) -%}
            {%- if 2 * (gone - new_ids) > total -%}
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

{# How many ids go, by reason. #}
{% macro rows_that_go(changed, deliveries, records) -%}
    with gone as (
        select changed.* from ({{ changed }}) as changed
        where changed.id not in (
            select asset_id from {{ records }}
            where reject_reason is null and fingerprint in (select delivery_fingerprint from {{ this }} where age = 0)
        )
    ),
    rejected as (
        select batch_no, asset_id, min(reject_reason) as reason
        from {{ records }}
        where reject_reason is not null and fingerprint in (select fingerprint from {{ deliveries }} where is_in_force)
        group by batch_no, asset_id
    )
    select coalesce(rejected.reason, 'no longer delivered') as reason, count(*) as row_count
    from gone
    left join rejected on gone.batch_no = rejected.batch_no and gone.id = rejected.asset_id
    group by all
    order by row_count desc nulls last, reason nulls last
{%- endmacro %}
