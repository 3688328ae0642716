// Package web is what a process shows over HTTP: whether it lives (/livez), whether it can serve calls (/readyz), and
// its metrics (/metrics, Prometheus); and the pages of other parts at the same address. Nothing it serves holds a phone number, a call id or a secret.
package web
