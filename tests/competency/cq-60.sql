-- What two things does the clinic page concede ('Even though') in the sentence that calls ketamine an option worth considering?
select conceded.focus
from claim_reasons
join claims_flat on claims_flat.claim_id = claim_reasons.claim_id
join claims as conceded on conceded.claim_id = reason_claim_id
where kind = 'concession'
and connective = 'Even though'
and short_name = 'Clinic page'
