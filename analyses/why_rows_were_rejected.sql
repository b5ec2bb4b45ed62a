-- How many rows were not used, and why?
select
    quarantine.reject_reason,
    count(*) as row_count,
    count(distinct quarantine.file_name) as file_count
from {{ ref("quarantine") }} as quarantine
group by quarantine.reject_reason
order by row_count desc, quarantine.reject_reason asc
