package app

import (
	"fmt"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"

	"missedcalls/queueflow"
)

// listened collects what overrides give.
func listened() (*overrides, *[]queueflow.QueueOverride) {
	var given []queueflow.QueueOverride
	return &overrides{
		log: zerolog.Nop(), newest: make(map[string]queueflow.QueueOverride),
		give: func(o queueflow.QueueOverride) { given = append(given, o) },
	}, &given
}

func TestADecisionThatIsHeardAgainIsGivenOnce(t *testing.T) {
	v, given := listened()
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	for _, at := range []string{until.UTC().Format(time.RFC3339), until.In(time.FixedZone("", 3600)).Format(time.RFC3339)} {
		v.take([]byte(`{"queue":"sales","state":"closed","until":"` + at + `"}`))
	}
	assert.Len(t, *given, 1)
	v.take([]byte(`{"queue":"sales","state":"closed"}`))
	v.take([]byte(`{"queue":"sales","state":"auto"}`))
	assert.Len(t, *given, 3)
	v.repeat()
	assert.Equal(t, queueflow.QueueOverride{Queue: "sales", State: queueflow.StateAuto}, (*given)[3], "the newest only")
	assert.Len(t, *given, 4)
}

func TestDecisionsAboutMoreQueuesThanAreRememberedAreGivenAllTheSame(t *testing.T) {
	v, given := listened()
	for i := range maxOverrides + 1 {
		v.take(fmt.Appendf(nil, `{"queue":"q%d","state":"closed"}`, i))
	}
	assert.Len(t, v.newest, maxOverrides)
	assert.Len(t, *given, maxOverrides+1)
	v.take([]byte(`{"queue":"q0","state":"auto"}`))
	assert.Equal(t, queueflow.StateAuto, v.newest["q0"].State)
}
