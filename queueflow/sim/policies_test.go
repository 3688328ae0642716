package sim

import (
	"maps"
	"slices"
	"time"

	"missedcalls/queueflow"
)

// The queues of every world: each has a way in, a limit or an exit of its own.
const (
	sales   = "sales"   // a limit, a voicemail, keys
	support = "support" // no limit
	small   = "small"   // few may wait, the others go on to support
	tiny    = "tiny"    // few may wait, the others are sent away
	chained = "chained" // the limit leads to sales
	ringing = "ring"    // not answered
	empty   = "empty"   // has nobody, refuses
	extra   = "extra"   // comes and goes with reloads
	shop    = "shop"    // has hours, and nobody may stay at closing time
	office  = "office"  // has hours, and who is in line stays
)

// neverThere is a place in the dialplan that does not exist.
var neverThere = queueflow.Target{Context: "nowhere", Extension: "s", Priority: 1}

// newPolicies draws a configuration, and when which queue is open; a reload draws another.
func newPolicies(c chance, phones []*phone) (queueflow.Policies, map[string]timetable) {
	voicemail := queueflow.Exit{Dialplan: queueflow.Target{Context: "voicemail", Extension: "s", Priority: 1}}
	limit := func() time.Duration { return 5*time.Second + c.upTo(40*time.Second) }
	queues := map[string]queueflow.Policy{
		sales: {
			MaxWait: limit(), OnTimeout: voicemail,
			Keys: queueflow.Keys{"*": voicemail, "9": {Queue: support}, "7": {Dialplan: neverThere}, "8": {Queue: extra}, "55": {Queue: tiny}, "5": voicemail},
		},
		support: {Keys: queueflow.Keys{"*": voicemail, "1": {Queue: tiny}}},
		small:   {MaxWait: limit(), MaxCallers: 1 + c.IntN(4), OnFull: queueflow.Exit{Queue: support}},
		tiny:    {MaxCallers: 1 + c.IntN(2), OnFull: pick(c, queueflow.Exit{}, voicemail)},
		chained: {MaxWait: limit(), OnTimeout: pick(c, queueflow.Exit{Queue: sales}, queueflow.Exit{Queue: shop})},
		ringing: {MaxWait: limit(), Answer: queueflow.AnswerAgent, Keys: queueflow.Keys{"9": {Queue: support}}},
		empty:   {Serving: queueflow.Serving{RefuseWhenAll: queueflow.FactorUnavailable}, OnEmpty: pick(c, voicemail, queueflow.Exit{Queue: support})},
		shop: {
			ExitAtClosing: c.happens(0.9), StayOnMissingExit: c.happens(0.3),
			OnClosed: pick(c, queueflow.Exit{}, voicemail, queueflow.Exit{Queue: support}, queueflow.Exit{Queue: office}, queueflow.Exit{Dialplan: neverThere}),
			Keys:     queueflow.Keys{"*": voicemail, "7": {Dialplan: neverThere}, "9": {Queue: office}},
		},
		office: {MaxWait: limit(), OnClosed: pick(c, queueflow.Exit{}, voicemail, queueflow.Exit{Queue: small}), OnTimeout: queueflow.Exit{Queue: tiny}},
	}
	tables := make(map[string]timetable)
	for _, id := range []string{shop, office} {
		if c.happens(0.8) {
			p := queues[id]
			tables[id] = newTimetable(c)
			p.Hours = tables[id].hours(c)
			queues[id] = p
		}
	}
	if c.happens(0.7) {
		queues[extra] = queueflow.Policy{MaxWait: limit(), OnTimeout: pick(c, voicemail, queueflow.Exit{Dialplan: neverThere})}
	} else {
		p := queues[sales]
		delete(p.Keys, "8")
	}
	for _, id := range slices.Sorted(maps.Keys(queues)) { // chance is asked in one order
		p := queues[id]
		p.ID, p.Name, p.Music = id, "Queue "+id, "music-"+id
		p.Announce, p.Periodic = newAnnounce(c), newPeriodic(c)
		if id != empty && c.happens(0.6) {
			p.Serving = newServing(c, phones)
		}
		queues[id] = p
	}
	stay := queues[sales]
	stay.StayOnMissingExit = c.happens(0.5)
	queues[sales] = stay
	return queueflow.Policies{
		DIDs: queueflow.NewDIDMap(map[string]queueflow.Route{
			"7495*": {Queue: sales}, "7812*": {Queue: support, Music: queueflow.MusicRinging}, "7800*": {Queue: small},
		}),
		DefaultQueue: pick(c, "", support),
		Queues:       queues,
	}, tables
}

// newAnnounce draws what callers are told of their place and of the wait.
func newAnnounce(c chance) queueflow.Announce {
	return queueflow.Announce{
		Position: pick(c, queueflow.PositionSilent, queueflow.PositionTold, queueflow.PositionLimit, queueflow.PositionMoreThan),
		Limit:    1 + c.IntN(5), FirstAfter: c.upTo(10 * time.Second), Every: pick(c, 0, 10*time.Second, 30*time.Second),
		MinGap: c.upTo(10 * time.Second), OnlyUp: c.happens(0.3), ThankYou: c.happens(0.3),
		EstimatedWait: pick(c, queueflow.EstimateSilent, queueflow.EstimateOnce, queueflow.EstimateTold), Round: pick(c, 0, 10*time.Second),
	}
}

func newPeriodic(c chance) queueflow.Periodic {
	if c.happens(0.5) {
		return queueflow.Periodic{}
	}
	return queueflow.Periodic{
		Media: []string{"sound:one", "sound:two"}, FirstAfter: c.upTo(10 * time.Second),
		Every: pick(c, 0, 7*time.Second), Relative: c.happens(0.5),
	}
}
