// Package notifier will tell people of missed calls, by Telegram, Slack, e-mail and webhook. It will hold the routes (who
// is told of what), the rendering of messages, and the targets, each with a durable consumer of its own on stream CALLS,
// so that one channel that is down delays no other.
//
// Nothing of it is built yet. The section notifications of the configuration is read and checked, and otherwise ignored.
package notifier
