package queueflow

import "time"

// Periodic are prompts that a queue plays to its callers again and again. The zero value plays nothing.
type Periodic struct {
	// Media are played in turn, one each time.
	Media []string
	// FirstAfter counts from the entry into the queue, Every from the beginning of one prompt to that of the next or, with
	// Relative, from its end; 0 plays one.
	FirstAfter, Every time.Duration
	Relative          bool
}

// nextPeriodic is when a caller is to hear the next prompt, at the soonest; zero is never.
func (c *call) nextPeriodic(p Periodic) time.Time {
	plays := c.hears.playing != "" && c.hears.now.kind == periodicPrompt
	switch {
	case len(p.Media) == 0, c.hears.rotation > 0 && p.Every == 0, plays && p.Relative:
		return time.Time{}
	case c.hears.rotation == 0:
		return c.queuedAt.Add(p.FirstAfter)
	}
	return c.hears.periodicAt.Add(p.Every)
}

// periodic lets a caller hear the next of the queue's prompts.
func (m *Machine) periodic(c *call) {
	p, _ := m.policy(c.queue)
	if len(p.Periodic.Media) > 0 && c.place != nil {
		m.say(c, periodicPrompt)
	}
}

// composePeriodic takes the next prompt, and arms the one after it unless that counts from the end of this.
func (m *Machine) composePeriodic(c *call, p Policy) prompt {
	if len(p.Periodic.Media) == 0 {
		return prompt{}
	}
	media := p.Periodic.Media[c.hears.rotation%len(p.Periodic.Media)]
	c.hears.rotation++
	c.hears.periodicAt = m.now
	if !p.Periodic.Relative {
		m.arm(c, duePeriodic, m.soon(c.nextPeriodic(p.Periodic)))
	}
	return prompt{kind: periodicPrompt, media: []string{media}}
}

// periodicOver arms the next prompt when it counts from the end of the last.
func (m *Machine) periodicOver(c *call) {
	if p, _ := m.policy(c.queue); p.Periodic.Relative {
		c.hears.periodicAt = m.now
		m.arm(c, duePeriodic, m.soon(c.nextPeriodic(p.Periodic)))
	}
}
