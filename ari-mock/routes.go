package arimock

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// operation is one operation of ARI.
type operation struct {
	method, path string // below /ari; each {} stands for an id
	do           func(s *Server, r *request) reply
	// upgrade is in place of do for the websocket.
	upgrade func(s *Server, w http.ResponseWriter, r *request)
}

// operations are all that the stand-in can do; what is not here is 404, as in an Asterisk without that module.
var operations = []operation{
	{method: "GET", path: "asterisk/info", do: (*Server).info},
	{method: "GET", path: "asterisk/ping", do: (*Server).ping},
	{method: "GET", path: "events", upgrade: (*Server).listen},
	{method: "POST", path: "events/user/{}", do: (*Server).userEvent},

	{method: "GET", path: "applications", do: (*Server).listApplications},
	{method: "GET", path: "applications/{}", do: (*Server).getApplication},
	{method: "PUT", path: "applications/{}/eventFilter", do: (*Server).filter},
	{method: "POST", path: "applications/{}/subscription", do: (*Server).subscribe},
	{method: "DELETE", path: "applications/{}/subscription", do: (*Server).unsubscribe},

	{method: "GET", path: "channels", do: (*Server).listChannels},
	{method: "POST", path: "channels", do: (*Server).originate},
	{method: "POST", path: "channels/create", do: (*Server).createChannel},
	{method: "GET", path: "channels/{}", do: (*Server).getChannel},
	{method: "POST", path: "channels/{}", do: (*Server).originate},
	{method: "DELETE", path: "channels/{}", do: (*Server).hangup},
	{method: "POST", path: "channels/{}/answer", do: (*Server).answer},
	{method: "POST", path: "channels/{}/continue", do: (*Server).continueInDialplan},
	{method: "POST", path: "channels/{}/dial", do: (*Server).dial},
	{method: "POST", path: "channels/{}/moh", do: (*Server).startMusic},
	{method: "DELETE", path: "channels/{}/moh", do: (*Server).stopMusic},
	{method: "POST", path: "channels/{}/play", do: (*Server).play},
	{method: "POST", path: "channels/{}/play/{}", do: (*Server).play},
	{method: "POST", path: "channels/{}/ring", do: (*Server).ring},
	{method: "DELETE", path: "channels/{}/ring", do: (*Server).stopRing},
	{method: "GET", path: "channels/{}/variable", do: (*Server).getVariable},
	{method: "POST", path: "channels/{}/variable", do: (*Server).setVariable},

	{method: "GET", path: "bridges", do: (*Server).listBridges},
	{method: "POST", path: "bridges", do: (*Server).createBridge},
	{method: "GET", path: "bridges/{}", do: (*Server).getBridge},
	{method: "POST", path: "bridges/{}", do: (*Server).createBridge},
	{method: "DELETE", path: "bridges/{}", do: (*Server).destroyBridge},
	{method: "POST", path: "bridges/{}/addChannel", do: (*Server).addChannel},
	{method: "POST", path: "bridges/{}/removeChannel", do: (*Server).removeChannel},

	{method: "POST", path: "bridges/{}/record", do: (*Server).record},

	{method: "GET", path: "recordings/live/{}", do: (*Server).getRecording},
	{method: "DELETE", path: "recordings/live/{}", do: (*Server).cancelRecording},
	{method: "POST", path: "recordings/live/{}/stop", do: (*Server).stopRecording},
	{method: "GET", path: "recordings/stored/{}", do: (*Server).getStoredRecording},

	{method: "GET", path: "deviceStates/{}", do: (*Server).getDeviceState},

	{method: "GET", path: "playbacks/{}", do: (*Server).getPlayback},
	{method: "DELETE", path: "playbacks/{}", do: (*Server).stopPlayback},
}

// methods are those of Asterisk's web server, in the order in which it names them.
var methods = []string{"GET", "POST", "PUT", "DELETE"}

// node is a part of the paths that there are.
type node struct {
	names map[string]*node
	// id is the node below for anything that is no name.
	id  *node
	ops map[string]*operation
}

// tree holds the operations by the parts of their paths.
var tree = sync.OnceValue(func() *node {
	root := newNode()
	for i := range operations {
		at := root
		for part := range strings.SplitSeq(operations[i].path, "/") {
			at = at.below(part)
		}
		at.ops[operations[i].method] = &operations[i]
	}
	return root
})

func newNode() *node { return &node{names: make(map[string]*node), ops: make(map[string]*operation)} }

func (n *node) below(part string) *node {
	if part == "{}" {
		if n.id == nil {
			n.id = newNode()
		}
		return n.id
	}
	if n.names[part] == nil {
		n.names[part] = newNode()
	}
	return n.names[part]
}

// find gives the operation of a request and the ids in its path, or what Asterisk answers when there is none. Paths are
// split first and decoded then, so that an id may hold a slash; names win over ids (channels/create); an empty part ends
// the path.
func find(method, path string) (op *operation, ids []string, answer reply) {
	if above, slash := strings.CutSuffix(path, "/"); slash {
		return nil, nil, refusal(http.StatusNotFound, "ARI URLs do not end with a slash. Try "+prefix+above)
	}
	at := tree()
	for part := range strings.SplitSeq(path, "/") {
		text, err := url.PathUnescape(part)
		if part == "" || err != nil {
			break
		}
		switch {
		case at.names[text] != nil:
			at = at.names[text]
		case at.id != nil:
			at = at.id
			ids = append(ids, text)
		default:
			return nil, nil, refusal(http.StatusNotFound, "Resource not found")
		}
	}
	if op = at.ops[method]; op != nil {
		return op, ids, reply{}
	}
	return nil, nil, at.notAllowed()
}

func (n *node) notAllowed() reply {
	allowed := []string{"OPTIONS"}
	for _, m := range methods {
		if n.ops[m] != nil {
			allowed = append(allowed, m)
		}
	}
	answer := refusal(http.StatusMethodNotAllowed, "Invalid method")
	answer.header = http.Header{"Allow": {strings.Join(allowed, ",")}}
	return answer
}
