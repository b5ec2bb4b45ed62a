{# The columns of a table's key: together unique, none null. Publishing sorts by them, so that the same rows are the same bytes. #}
{% test unique_key(model, columns) %}
select {{ columns | join(", ") }}, count(*) as row_count
from {{ model }}
group by {{ columns | join(", ") }}
having count(*) > 1 {% for column in columns %} or {{ column }} is null{% endfor %}
{% endtest %}
