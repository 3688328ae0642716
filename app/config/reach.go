package config

// reach are the penalties that a caller reaches at some moment of his wait; nil is what was never set.
type reach struct {
	least, most, raise *int
	raiseRespectsLeast bool
}

// with is the reach after a queue, or a step of its escalation, has set some of it.
func (r reach) with(n *node) reach {
	set := penalties(n)
	if set.Min != nil {
		r.least = set.Min
	}
	if set.Max != nil {
		r.most = set.Max
	}
	if set.Raise != nil {
		r.raise, r.raiseRespectsLeast = set.Raise, set.RaiseRespectsMin
	}
	return r
}

// allows says whether an agent of a penalty may be rung.
func (r reach) allows(penalty int) bool {
	below := r.least != nil && penalty < *r.least
	if r.raise != nil && penalty < *r.raise && !(r.raiseRespectsLeast && below) {
		penalty = *r.raise
	}
	return (r.least == nil || penalty >= *r.least) && (r.most == nil || penalty <= *r.most)
}

// reaches are those of a queue, from the beginning to the last step.
func reaches(q *node) []reach {
	all := []reach{reach{}.with(q)}
	for _, step := range q.get("escalation").list() {
		all = append(all, all[len(all)-1].with(step))
	}
	return all
}
