{# `load` asks for the refusal, and loads into DuckDB alone. #}
{% macro spark__note_chosen_batches() -%}{%- endmacro %}

{% macro spark__refuse_to_take_away(deliveries, records) -%}{%- endmacro %}
