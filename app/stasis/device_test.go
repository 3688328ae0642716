package stasis

import (
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"missedcalls/app/ari"
	"missedcalls/queueflow"
)

// order gives commands to the driver as if the machine had.
func (s *stage) order(commands ...queueflow.Command) {
	s.driver.put(question{answer: make(chan any, 1), ask: func(d *Driver) any {
		for _, c := range commands {
			d.submit(c)
		}
		return nil
	}})
	s.after(0)
}

// toldBy gives what was told by requests of some kinds, in order.
func (f *fakeAsterisk) toldBy(ops ...string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var told []string
	for _, t := range f.told {
		for _, op := range ops {
			if strings.HasPrefix(t, op+" ") {
				told = append(told, t)
			}
		}
	}
	return told
}

func watch(devices ...string) queueflow.WatchDevices {
	return queueflow.WatchDevices{Node: testNode, Devices: devices}
}

func unwatch(devices ...string) queueflow.UnwatchDevices {
	return queueflow.UnwatchDevices{Node: testNode, Devices: devices}
}

func TestDevicesAreSubscribedToBeforeTheyAreAskedHowTheyStand(t *testing.T) {
	perform(t, func(s *stage) {
		s.order(watch("PJSIP/101", "PJSIP/102"), unwatch("PJSIP/103"))
		told := s.asterisk.toldBy("subscribe", "device", "unsubscribe")
		assert.Equal(t, "subscribe PJSIP/101,PJSIP/102", told[0])
		assert.ElementsMatch(t, []string{"device PJSIP/101", "device PJSIP/102"}, told[1:3])
		assert.Equal(t, []string{"unsubscribe PJSIP/103"}, told[3:])
		assert.Empty(t, s.other.toldBy("subscribe", "device", "unsubscribe"), "it is another Asterisk")
	})
}

func TestASubscriptionThatFailsIsTriedAgainUntilItIsDone(t *testing.T) {
	perform(t, func(s *stage) {
		var fails atomic.Int32
		fails.Store(2)
		s.asterisk.refuse = func(op, _ string) error {
			if op == "subscribe" && fails.Add(-1) >= 0 {
				return ari.Timeout
			}
			return nil
		}
		s.order(watch("PJSIP/101"))
		s.after(time.Second - time.Millisecond)
		assert.Len(t, s.asterisk.toldBy("subscribe"), 1)
		s.after(time.Millisecond)
		assert.Len(t, s.asterisk.toldBy("subscribe"), 2)
		s.after(2*time.Second - time.Millisecond)
		assert.Empty(t, s.asterisk.toldBy("device"))
		s.after(time.Millisecond)
		assert.Equal(t, []string{"device PJSIP/101"}, s.asterisk.toldBy("device"))
		s.after(time.Hour)
		assert.Len(t, s.asterisk.toldBy("subscribe"), 3, "and never again")
	})
}

func TestWhatIsWantedAnewIsNotKeptWaitingByWhatFailed(t *testing.T) {
	perform(t, func(s *stage) {
		var refused atomic.Bool
		refused.Store(true)
		s.asterisk.refuse = func(op, _ string) error {
			if op == "subscribe" && refused.Load() {
				return ari.Unavailable
			}
			return nil
		}
		s.order(watch("PJSIP/101"))
		s.after(time.Minute) // the pause is half a minute by now
		tries := len(s.asterisk.toldBy("subscribe"))
		refused.Store(false)
		s.order(watch("PJSIP/102"))
		assert.Equal(t, []string{"subscribe PJSIP/101,PJSIP/102"}, s.asterisk.toldBy("subscribe")[tries:])
	})
}

func TestOnlyTheDevicesThatCouldNotBeAskedAreAskedAgain(t *testing.T) {
	perform(t, func(s *stage) {
		var refused atomic.Bool
		refused.Store(true)
		s.asterisk.refuse = func(op, id string) error {
			if op == "device" && id == "PJSIP/102" && refused.Swap(false) {
				return ari.Timeout
			}
			return nil
		}
		s.order(watch("PJSIP/101", "PJSIP/102"))
		s.after(time.Second)
		assert.Equal(t, []string{"subscribe PJSIP/101,PJSIP/102", "subscribe PJSIP/102"}, s.asterisk.toldBy("subscribe"))
		assert.Len(t, s.asterisk.toldBy("device"), 3)
	})
}

func TestOfWhatCouldNotBeDoneTheNewestHolds(t *testing.T) {
	perform(t, func(s *stage) {
		var refused atomic.Bool
		refused.Store(true)
		s.asterisk.refuse = func(op, _ string) error {
			if strings.HasSuffix(op, "subscribe") && refused.Load() {
				return ari.Unavailable
			}
			return nil
		}
		s.order(watch("PJSIP/101", "PJSIP/102"))
		s.order(unwatch("PJSIP/101"))
		refused.Store(false)
		s.after(time.Minute)
		tries := s.asterisk.toldBy("subscribe", "unsubscribe")
		assert.ElementsMatch(t, []string{"subscribe PJSIP/102", "unsubscribe PJSIP/101"}, tries[len(tries)-2:])
	})
}

func TestASubscriptionThatIsNotThereKeepsTheOthersFromEndingNot(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.refuse = func(op, id string) error {
			if op == "unsubscribe" && strings.HasPrefix(id, "PJSIP/101") {
				return ari.NotSubscribed
			}
			return nil
		}
		s.order(unwatch("PJSIP/101", "PJSIP/102"))
		s.after(time.Minute)
		assert.Equal(t, []string{"unsubscribe PJSIP/101,PJSIP/102", "unsubscribe PJSIP/101", "unsubscribe PJSIP/102"}, s.asterisk.toldBy("unsubscribe"))
	})
}

func TestManyDevicesAreAskedForAFewAtATime(t *testing.T) {
	perform(t, func(s *stage) {
		var now, most atomic.Int32
		s.asterisk.refuse = func(op, _ string) error {
			if op == "device" {
				if n := now.Add(1); n > most.Load() {
					most.Store(n)
				}
				time.Sleep(time.Millisecond)
				now.Add(-1)
			}
			return nil
		}
		var devices []string
		for i := range 1000 {
			devices = append(devices, "PJSIP/"+strconv.Itoa(i))
		}
		s.order(watch(devices...))
		s.after(time.Second)
		assert.Len(t, s.asterisk.toldBy("device"), 1000)
		assert.Equal(t, int32(readers), most.Load())
	})
}

func TestTheEndWaitsForNoDevice(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.refuse = func(op, _ string) error {
			if op == "subscribe" {
				return ari.Unavailable
			}
			return nil
		}
		s.order(watch("PJSIP/101"))
		s.end()
		began := time.Now()
		assert.NoError(t, <-s.ended)
		assert.Zero(t, time.Since(began))
	})
}

func TestHowADeviceStoodCountsOnlyWhenNothingNewerIsKnown(t *testing.T) {
	connected := time.Now()
	asked := connected.Add(time.Second)
	for name, c := range map[string]struct {
		node    node
		current bool
	}{
		"nothing was heard of it":                {node{connectedAt: connected}, true},
		"something was heard before":             {node{connectedAt: connected, heard: map[string]time.Time{"PJSIP/101": asked.Add(-1)}}, true},
		"something was heard since":              {node{connectedAt: connected, heard: map[string]time.Time{"PJSIP/101": asked.Add(1)}}, false},
		"something was heard of another":         {node{connectedAt: connected, heard: map[string]time.Time{"PJSIP/102": asked.Add(1)}}, true},
		"the connection is another one":          {node{connectedAt: asked.Add(1)}, false},
		"Asterisk is about to list its channels": {node{connectedAt: connected, listing: true}, false},
	} {
		read := deviceRead{node: &c.node, state: ari.DeviceState{Name: "PJSIP/101", State: "INUSE"}, asked: asked}
		assert.Equal(t, c.current, read.current(), name)
	}
}

func TestWhatIsHeardOfADeviceIsRemembered(t *testing.T) {
	perform(t, func(s *stage) {
		s.after(time.Second)
		s.asterisk.say(&ari.DeviceStateChanged{Device: ari.DeviceState{Name: "PJSIP/101", State: "INUSE"}})
		s.after(0)
		assert.Equal(t, map[string]time.Time{"PJSIP/101": time.Now()}, s.driver.nodes[testNode].heard)
		s.asterisk.cut()
		s.asterisk.connect()
		s.after(0)
		assert.Empty(t, s.driver.nodes[testNode].heard, "of another connection it says nothing")
	})
}
