-- How many records of the batches were not used, and why? Leave the filter out for all products.
select
    quarantine.reject_reason,
    count(*) as row_count,
    count(distinct quarantine.file_name) as file_count
from {{ ref("quarantine") }} as quarantine
where quarantine.product = 'percentiles'
group by quarantine.reject_reason
order by row_count desc, quarantine.reject_reason asc
