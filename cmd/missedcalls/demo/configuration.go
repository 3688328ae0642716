package demo

import (
	"fmt"
	"time"
)

// ownFile is the demo's configuration. It shows what a queue can do: agents of different habits and queues of
// different strategies, a limit of the wait with an exit, a limit of the line, keys to another queue and to the dialplan, callers who are
// told their place, others who hear ringing, and a number that nobody has.
const ownFile = `# The configuration of missedcalls demo, at speed %[1]g. It is written anew at every start.
dids:
  "74950000001": sales
  "74950000002": support
  "74950000003": delivery
region: RU
timezone: Europe/Moscow

queues:
  sales:
    name: "Отдел продаж"
    language: ru
    strategy: leastrecent
    ring_timeout: %[6]s
    wrap_up: %[7]s
    members:
      - {endpoint: "PJSIP/201", name: "Анна"}       # answers, for delivery too
      - {endpoint: "PJSIP/202", name: "Борис"}      # has his lunch now and then
    max_wait: %[2]s
    on_timeout: {exit: "voicemail,s,1"}
    announce: {position: true, first_after: %[4]s, every: %[5]s}
    keys:
      "2": {queue: support}
  support:
    name: "Support"
    language: en
    strategy: rrmemory
    ring_timeout: %[6]s
    wrap_up: %[7]s
    members:
      - {endpoint: "PJSIP/203", name: "Clara"}      # hands a call on to the accounting now and then
      - {endpoint: "PJSIP/204", name: "Dan"}        # never answers
      - {endpoint: "PJSIP/205", name: "Emma"}
    autopause: {no_answer: 2}
    max_callers: 5
    keys:
      "0": {exit: "operator,s,1"}
      "1": {queue: sales}
  delivery:
    name: "Доставка"
    language: ru
    strategy: ringall
    ring_timeout: %[6]s
    wrap_up: %[7]s
    members:
      - {endpoint: "PJSIP/201", name: "Анна"}
      - {endpoint: "PJSIP/206", name: "Вера"}       # declines every call
    autopause: {busy: 4}
    answer: agent          # the caller hears ringing
    max_wait: %[3]s
`

// ownNotifications is who is told: of sales and support a chat, in the language of each, of delivery nobody, and of
// numbers that nobody has whoever is named by default.
const ownNotifications = `
notifications:
  targets:
    %[1]s:
      telegram: {chat_id: %[2]d, token_file: %[3]q, base_url: %[4]q}
      rate: none           # Telegram itself allows 20 messages a minute to a group
      digest_over: 0       # each missed call is told by itself, also in a storm
  routes:
    - {match: {queue: [sales, support]}, to: [%[1]s]}
    - {match: {queue: delivery}, to: []}
  default: [%[1]s]
`

// How long an agent is rung and how long he rests after a talk, at speed 1; and the shortest ringing that a configuration
// may have, as Asterisk counts it in seconds.
const (
	ringsFor  = 6 * time.Second
	restsFor  = 3 * time.Second
	leastRing = time.Second
)

// ownConfiguration is the file for a speed, and for a chat if there is one.
func ownConfiguration(speed float64, c *chat) []byte {
	text := fmt.Appendf(nil, ownFile, speed, scaled(40*time.Second, speed), scaled(25*time.Second, speed),
		scaled(8*time.Second, speed), scaled(20*time.Second, speed),
		max(scaled(ringsFor, speed), leastRing), scaled(restsFor, speed))
	if c == nil {
		return text
	}
	return fmt.Appendf(text, ownNotifications, teamChat, chatNumber, c.tokenFile, c.url())
}

// scaled is a duration at a speed, in whole milliseconds and never nothing.
func scaled(d time.Duration, speed float64) time.Duration {
	return max(time.Duration(float64(d)/speed).Round(time.Millisecond), time.Millisecond)
}
