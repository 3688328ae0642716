package sim

import (
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
)

// neverThere is a place in the dialplan that does not exist.
var neverThere = queueflow.Target{Context: "nowhere", Extension: "s", Priority: 1}

// newPolicies draws a configuration; a reload draws another.
func newPolicies(c chance) queueflow.Policies {
	voicemail := queueflow.Exit{Dialplan: queueflow.Target{Context: "voicemail", Extension: "s", Priority: 1}}
	limit := func() time.Duration { return 5*time.Second + c.upTo(40*time.Second) }
	queues := map[string]queueflow.Policy{
		sales: {
			MaxWait: limit(), OnTimeout: voicemail,
			Keys: map[byte]queueflow.Exit{'*': voicemail, '9': {Queue: support}, '7': {Dialplan: neverThere}, '8': {Queue: extra}},
		},
		support: {Keys: map[byte]queueflow.Exit{'*': voicemail, '1': {Queue: tiny}}},
		small:   {MaxWait: limit(), MaxCallers: 1 + c.IntN(4), OnFull: queueflow.Exit{Queue: support}},
		tiny:    {MaxCallers: 1 + c.IntN(2), OnFull: pick(c, queueflow.Exit{}, voicemail)},
		chained: {MaxWait: limit(), OnTimeout: queueflow.Exit{Queue: sales}},
		ringing: {MaxWait: limit(), Answer: queueflow.AnswerAgent, Keys: map[byte]queueflow.Exit{'9': {Queue: support}}},
		empty:   {RefuseEmpty: true, OnEmpty: pick(c, voicemail, queueflow.Exit{Queue: support})},
	}
	if c.happens(0.7) {
		queues[extra] = queueflow.Policy{MaxWait: limit(), OnTimeout: pick(c, voicemail, queueflow.Exit{Dialplan: neverThere})}
	} else {
		p := queues[sales]
		delete(p.Keys, '8')
	}
	for id, p := range queues {
		p.ID, p.Name, p.Music = id, "Queue "+id, "music-"+id
		queues[id] = p
	}
	stay := queues[sales]
	stay.StayOnMissingExit = c.happens(0.5)
	queues[sales] = stay
	return queueflow.Policies{
		DIDs:         queueflow.NewDIDMap(map[string]string{"7495*": sales, "7812*": support, "7800*": small}),
		DefaultQueue: pick(c, "", support),
		Queues:       queues,
	}
}
