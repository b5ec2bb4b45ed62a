{% test within_range(model, column_name, minimum, maximum) %}
select {{ column_name }}
from {{ model }}
where not {{ column_name }} between {{ minimum }} and {{ maximum }}
{% endtest %}
