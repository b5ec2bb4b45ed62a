-- Every landed brief is answered, or its problem is said: a brief must never vanish between the seed and the slates.
select
    briefs.brief_no,
    slate_briefs.is_answered,
    slate_briefs.problem
from {{ ref("stg_resonance__briefs") }} as briefs
left join {{ ref("slate_briefs") }} as slate_briefs
    on briefs.brief_no = slate_briefs.brief_no
where slate_briefs.is_answered is null or slate_briefs.is_answered = (slate_briefs.problem is not null)
