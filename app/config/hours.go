package config

import (
	"fmt"
	"strings"
	"time"

	"missedcalls/queueflow"
)

// hours reads when something is open, by the clock of a zone. What is not set is always open.
func hours(n *node, zone *time.Location) queueflow.Hours {
	weekly, closed := n.get("weekly").list(), n.get("closed").list()
	if len(weekly) == 0 && len(closed) == 0 {
		return queueflow.Hours{}
	}
	h := queueflow.Hours{Location: zone}
	for _, item := range weekly {
		w, _ := window(item.text) // checked
		h.Weekly = append(h.Weekly, w)
	}
	for _, item := range closed {
		d, _ := closedDays(item.text) // checked
		h.Closed = append(h.Closed, d)
	}
	return h
}

func (c *checker) weekly(text string) string {
	_, rule := window(text)
	return rule
}

func (c *checker) closed(text string) string {
	_, rule := closedDays(text)
	return rule
}

// window reads opening hours of the form that the schema lets pass, such as Mon-Fri,Sun 09:00-20:00, or gives the rule
// that they break.
func window(text string) (w queueflow.Window, rule string) {
	days, hours, _ := strings.Cut(text, " ")
	if w.Days, rule = weekdays(days); rule != "" {
		return w, rule
	}
	opens, closes, _ := strings.Cut(hours, "-")
	if opens == closes {
		return w, "opens and closes at the same time; a whole day is 00:00-24:00"
	}
	w.Opens, w.Closes = timeOfDay(opens), timeOfDay(closes)
	return w, ""
}

var weekdayNames = map[string]time.Weekday{
	"Mon": time.Monday, "Tue": time.Tuesday, "Wed": time.Wednesday, "Thu": time.Thursday, "Fri": time.Friday,
	"Sat": time.Saturday, "Sun": time.Sunday,
}

// weekdays reads days and ranges of days parted by commas. A range may go over the end of the week.
func weekdays(text string) (set queueflow.Weekdays, rule string) {
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		end, known := weekdayNames[last]
		switch {
		case !known:
			return 0, fmt.Sprintf("%s is not a range of days; write such as Mon-Fri, or days parted by commas", part)
		case isRange && first == last:
			return 0, fmt.Sprintf("%s begins and ends on the same day; write %s, or Mon-Sun for all days", part, first)
		}
		for day := weekdayNames[first]; ; day = (day + 1) % 7 {
			if set.Has(day) {
				return 0, day.String()[:3] + " is named twice"
			}
			set |= queueflow.On(day)
			if day == end {
				break
			}
		}
	}
	return set, ""
}

// timeOfDay reads HH:MM, at most 24:00.
func timeOfDay(text string) time.Duration {
	d, err := time.ParseDuration(strings.Replace(text, ":", "h", 1) + "m")
	if err != nil {
		return 0 // the schema lets no such thing pass
	}
	return d
}

// closedDays reads a day, or the first and the last of several, or gives the rule that they break.
func closedDays(text string) (d queueflow.Days, rule string) {
	first, last, several := strings.Cut(text, "/")
	if !several {
		last = first
	}
	from, err := time.Parse(time.DateOnly, first)
	if err != nil {
		return d, "there is no day " + first
	}
	to, err := time.Parse(time.DateOnly, last)
	switch {
	case err != nil:
		return d, "there is no day " + last
	case to.Before(from):
		return d, "the last day is before the first"
	}
	return queueflow.Days{First: queueflow.DateOf(from), Last: queueflow.DateOf(to)}, ""
}
