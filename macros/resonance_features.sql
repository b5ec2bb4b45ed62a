{# What a brief itself says: the features of a film without its people. #}
{% macro film_features(film) -%}
    ln({{ film }}.budget_usd)::double as log_budget,
    {{ film }}.budget_year_pct::double as budget_year_pct,
    ({{ film }}.budget_usd is not null)::boolean as is_budget_known,
    {{ film }}.peer_resonance::double as peer_resonance,
    sin(2 * pi() * {{ film }}.film_year / {{ number_var("resonance_cycle_years", 1) }})::double as year_sin,
    cos(2 * pi() * {{ film }}.film_year / {{ number_var("resonance_cycle_years", 1) }})::double as year_cos
    {%- for genre in resonance_genres() %},
    {{ genre_count(film ~ ".packed_genres", loop.index0) }}::integer as genre_{{ genre }}
    {%- endfor %}
{%- endmacro %}

{# The share of a person's last five credits in each genre, each with a comma before it. #}
{% macro genre_affinities(state) -%}
    {%- for genre in resonance_genres() %}, ({{ genre_count(state ~ ".last_five_genres", loop.index0) }} / {{ state }}.last_five_count)::double as genre_{{ genre }}_aff
    {% endfor %}
{%- endmacro %}

{# Whether a budget lies in the bin of a row of label_thresholds; films of unknown budget are peers of each other (bin 0). #}
{% macro is_in_budget_bin(budget, thresholds) -%}
    {{ thresholds }}.label = 'over_budget_peer'
    and case
        when {{ budget }} is null then {{ thresholds }}.budget_bin = 0
        else
            {{ thresholds }}.budget_bin > 0
            and {{ budget }} > coalesce({{ thresholds }}.over_usd, 0)
            and {{ budget }} <= coalesce({{ thresholds }}.up_to_usd, 'infinity'::double)
    end
{%- endmacro %}
