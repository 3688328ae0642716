package config

import (
	"fmt"
	"slices"

	"missedcalls/queueflow"
)

// serving notes what a queue says of its agents and probably does not mean.
func (w warner) serving(q *node) {
	w.unreached(q)
	w.unskilled(q)
	recording := q.get("recording")
	if key := recording.field("key"); key != nil && recording.get("mode").or("never") != "by_key" {
		w.note("", key.problem(""), "does nothing without mode: by_key")
	}
}

// unreached notes members whom no caller reaches, however long he waits.
func (w warner) unreached(q *node) {
	members := q.get("members").list()
	if len(members) <= q.get("penalty_members_limit").count() {
		return
	}
	all := reaches(q)
	for _, m := range members {
		penalty := m.get("penalty").count()
		if slices.ContainsFunc(all, func(r reach) bool { return r.allows(penalty) }) {
			continue
		}
		w.note("", m.problem(""), fmt.Sprintf(
			"no caller reaches the member: its penalty is %d, and neither the queue nor a step of its escalation allows that", penalty))
	}
}

// unskilled notes that no member has what the queue asks for. Somebody who is added by hand may have it.
func (w warner) unskilled(q *node) {
	members := q.get("members").list()
	needed := neededSkills(q.get("skills"))
	if len(members) == 0 || len(needed.Required)+len(needed.Any) == 0 {
		return
	}
	for _, m := range members {
		if skilled(m.get("skills").texts(), needed) {
			return
		}
	}
	w.note("", q.field("skills").problem(""), "no member has these skills; nobody would be rung until such a member is added by hand")
}

// skilled says whether skills are those that are needed.
func skilled(has []string, needed queueflow.Skills) bool {
	knows := func(skill string) bool { return slices.Contains(has, skill) }
	for _, skill := range needed.Required {
		if !knows(skill) {
			return false
		}
	}
	return len(needed.Any) == 0 || slices.ContainsFunc(needed.Any, knows)
}
