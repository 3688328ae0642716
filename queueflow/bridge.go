package queueflow

import "strings"

// OwnBridge tells whether a bridge is one that an application made: one in which a caller waits, or in which people talk.
func OwnBridge(application, id string) bool {
	return strings.HasPrefix(id, application+"-hold-") || strings.HasPrefix(id, application+"-talk-")
}
