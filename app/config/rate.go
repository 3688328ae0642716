package config

import (
	"strconv"
	"strings"
	"time"
)

// noRate is a rate without limit.
const noRate = "none"

// The bounds of the time in a rate. What is slower than one message in a day is a slip.
const (
	leastPer = time.Millisecond
	mostPer  = 24 * time.Hour
)

// rate reads how many messages may go out in which time, such as 20/1m, or gives the rule that the text breaks. No limit
// is 0 messages in no time.
func rate(text string) (messages int, per time.Duration, rule string) {
	if text == noRate {
		return 0, 0, ""
	}
	count, duration, _ := strings.Cut(text, "/")
	messages, err := strconv.Atoi(count)
	if err != nil {
		return 0, 0, "must begin with a number of messages"
	}
	per, err = time.ParseDuration(duration)
	if err != nil || per < leastPer || per > mostPer {
		return 0, 0, "the time after the slash must be a duration from 1ms to 24h"
	}
	return messages, per, ""
}

func (c *checker) rate(text string) string {
	_, _, rule := rate(text)
	return rule
}
