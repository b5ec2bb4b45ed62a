{# The windows for which a condition holds, as a relation: what a partitioned model is to hold. #}
{% macro windows_that(condition) -%}
    (select * from {{ ref("int_percentiles__define_windows") }} where {{ condition }})
{%- endmacro %}

{#
    The assets of the windows in the CTE `windows`. A later copy of an asset within a window replaces the earlier one; windows that end before the
    later copy came keep the earlier one. Batches are joined by number as well, so that DuckDB's scan skips the other batches.
#}
{% macro assets_of_windows(windows) -%}
    select
        {{ windows }}.*,
        records.asset_id,
        records.industry,
        records.score
    from {{ ref("int_percentiles__judge_records") }} as records
    inner join {{ windows }}
        on records.batch_no = {{ windows }}.batch_no and records.fingerprint = {{ windows }}.delivery_fingerprint
    left join {{ ref("int_percentiles__find_repeats") }} as repeats
        on
            records.asset_id = repeats.asset_id
            and records.batch_no = repeats.earlier_batch_no
            and {{ windows }}.iteration >= repeats.batch_no
    where records.reject_reason is null and repeats.asset_id is null
{%- endmacro %}

{#
    What latest_scores is to hold: each batch, its last window, and a fingerprint of its content, of that window and of the assets
    that later batches replaced.
#}
{% macro latest_plan() -%}
    (
        with last_windows as (
            select windows.*, row_number() over (partition by windows.batch_no order by windows.iteration desc nulls last) as recency
            from {{ ref("int_percentiles__define_windows") }} as windows
            where windows.is_complete
        ),
        replaced as (
            select repeats.earlier_batch_no as batch_no, sum(cast({{ fingerprint(inputs=["repeats.asset_id"]) }} as decimal(38, 0))) as assets_sum
            from {{ ref("int_percentiles__find_repeats") }} as repeats
            where repeats.asset_id is not null
            group by repeats.earlier_batch_no
        )
        select
            batches.batch_no,
            batches.delivery_fingerprint,
            last_windows.iteration,
            {{ fingerprint(inputs=["batches.delivery_fingerprint", "last_windows.fingerprint", "replaced.assets_sum"], logic=["latest_scores"]) }} as fingerprint
        from {{ ref("int_percentiles__define_windows") }} as batches
        left join last_windows on batches.batch_no = last_windows.batch_no and last_windows.recency = 1
        left join replaced on batches.batch_no = replaced.batch_no
        where batches.age = 0
    )
{%- endmacro %}
