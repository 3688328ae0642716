package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"

	"missedcalls/queueflow"
)

// again says whether a state survives being restored once more.
func (c *checks) again(state queueflow.Snapshot) {
	s := queueflow.Settings{Application: application, Epoch: c.w.epoch, LostAfter: c.w.lostAfter, DeafFor: deafFor, OpenFor: c.w.openFor}
	again := queueflow.Restore(s, c.w.policies, state, c.w.now).Snapshot()
	closeRanks(state)
	closeRanks(again)
	if !reflect.DeepEqual(state, again) {
		c.w.complain("a state restored is another state: %s", difference(written(state), written(again)))
	}
}

// closeRanks takes the places of members in their lists out of a state: only their order counts, and it has gaps where
// somebody was a member. Whose turn it is becomes how many stand before him.
func closeRanks(s queueflow.Snapshot) {
	before := make(map[string]int)
	for _, a := range s.Agents {
		for _, mb := range a.Members {
			if mb.Position < s.Cursors[mb.Queue] {
				before[mb.Queue]++
			}
		}
	}
	for queue := range s.Cursors {
		s.Cursors[queue] = before[queue]
	}
	maps.DeleteFunc(s.Cursors, func(_ string, n int) bool { return n == 0 })
	for _, a := range s.Agents {
		for i := range a.Members {
			a.Members[i].Position = 0
		}
	}
}

// written is a state as it is written.
func written(s queueflow.Snapshot) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		return []byte(err.Error())
	}
	return b
}

// difference is where two texts part.
func difference(a, b []byte) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	around := func(s []byte) []byte { return s[min(len(s), max(0, i-200)):min(len(s), i+100)] }
	return fmt.Sprintf("\n%s\n%s", around(a), around(b))
}
