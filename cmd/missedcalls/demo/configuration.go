package demo

import (
	"fmt"
	"time"
)

// ownFile is the demo's configuration. It shows what a queue can do today: a limit of the wait with an exit, a limit of
// the line, keys to another queue and to the dialplan, callers who are told their place, others who hear ringing, and a number that nobody has.
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
    max_wait: %[2]s
    on_timeout: {exit: "voicemail,s,1"}
    announce: {position: true, first_after: %[4]s, every: %[5]s}
    keys:
      "2": {queue: support}
  support:
    name: "Support"
    language: en
    max_callers: 5
    keys:
      "0": {exit: "operator,s,1"}
      "1": {queue: sales}
  delivery:
    name: "Доставка"
    language: ru
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

// ownConfiguration is the file for a speed, and for a chat if there is one.
func ownConfiguration(speed float64, c *chat) []byte {
	text := fmt.Appendf(nil, ownFile, speed, scaled(40*time.Second, speed), scaled(25*time.Second, speed),
		scaled(8*time.Second, speed), scaled(20*time.Second, speed))
	if c == nil {
		return text
	}
	return fmt.Appendf(text, ownNotifications, teamChat, chatNumber, c.tokenFile, c.url())
}

// scaled is a duration at a speed, in whole milliseconds and never nothing.
func scaled(d time.Duration, speed float64) time.Duration {
	return max(time.Duration(float64(d)/speed).Round(time.Millisecond), time.Millisecond)
}
