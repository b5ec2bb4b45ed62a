{% macro spark__landed_dataset() -%}
    deliveries.dataset
{%- endmacro %}

{% macro spark__drop_unlogged_days(log) -%}
    {%- if is_incremental() -%}
        {%- set unlogged = run_query("select distinct date_utc from " ~ this ~ " where date_utc not in (select date_utc from " ~ log ~ ")") -%}
        {%- for day in unlogged.columns[0].values() -%}
            {%- do run_query("alter table " ~ this ~ " drop if exists partition (date_utc = date '" ~ day ~ "')") -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
