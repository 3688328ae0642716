// Package notifier tells people of missed calls, by Telegram, Slack, e-mail, webhook and NATS.
package notifier
