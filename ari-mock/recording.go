package arimock

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// recording is a recording of a bridge, or, once it is over, the file it left.
type recording struct {
	name, format string
	bridge       *bridge
	beganAt      time.Time
	// stored says that it is over.
	stored bool
}

type recordingModel struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	State  string `json:"state"`
	Target string `json:"target_uri"`
	// Seconds are whole ones, and told at the end only.
	Seconds *int   `json:"duration,omitempty"`
	Cause   string `json:"cause,omitempty"`
}

func (r *recording) model(state string) recordingModel {
	return recordingModel{Name: r.name, Format: r.format, State: state, Target: "bridge:" + r.bridge.id}
}

// formats are those that can be recorded in.
var formats = []string{"wav", "wav16", "ulaw", "alaw", "gsm", "sln", "sln16", "g722"}

// record records a bridge until it is stopped, or nobody is left in it. It answers before it begins.
func (s *Server) record(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if refused := s.unrecordable(r); refused != nil {
		return *refused
	}
	recorded := &recording{name: r.get("name"), format: r.get("format"), bridge: s.bridges[r.ids[0]], beganAt: time.Now()}
	s.recordings[recorded.name] = recorded
	s.running.Go(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.recordings[recorded.name] != recorded || recorded.stored {
			return
		}
		recorded.bridge.recordings = append(recorded.bridge.recordings, recorded)
		recorded.tell("RecordingStarted", recorded.model("recording"))
		if len(recorded.bridge.channels) == 0 || s.filesRefused {
			recorded.finish()
		}
		if s.filesRefused {
			delete(s.recordings, recorded.name)
		}
	})
	return created(recorded.model("queued"))
}

// unrecordable says why a request to record is refused; nil for one that is not.
func (s *Server) unrecordable(r *request) *reply {
	var answer reply
	name, seconds := r.get("name"), r.get("maxDurationSeconds")
	switch {
	case s.bridges[r.ids[0]] == nil:
		answer = refusal(http.StatusNotFound, "Bridge not found")
	case name == "" || strings.HasPrefix(name, "..") || strings.HasPrefix(seconds, "-"):
		answer = refusal(http.StatusInternalServerError, "Error parsing request")
	case !slices.Contains([]string{"", "fail", "overwrite", "append"}, r.get("ifExists")):
		answer = refusal(http.StatusBadRequest, "ifExists invalid")
	case !slices.Contains(formats, r.get("format")):
		answer = refusal(http.StatusUnprocessableEntity, "specified format is unknown on this system")
	case s.recordings[name] != nil && (!s.recordings[name].stored || r.get("ifExists") == "" || r.get("ifExists") == "fail"):
		answer = refusal(http.StatusConflict, "Recording '"+name+"' already exists and can not be overwritten")
	default:
		return nil
	}
	return &answer
}

func (r *recording) tell(kind string, m recordingModel) {
	r.bridge.s.publishBridge(r.bridge.id, "", &recordingEvent{r.bridge.s.head(kind), m})
}

// over takes a recording from those of its bridge that are under way.
func (r *recording) over() {
	r.bridge.recordings = slices.DeleteFunc(r.bridge.recordings, func(other *recording) bool { return other == r })
}

// finish ends a recording, which is a file then. The mutex is held.
func (r *recording) finish() {
	r.over()
	r.stored = true
	m := r.model("done")
	seconds := int(time.Since(r.beganAt).Seconds())
	m.Seconds = &seconds
	r.tell("RecordingFinished", m)
}

// silence ends the recordings of a bridge that nobody is left in. The mutex is held.
func (b *bridge) silence() {
	if len(b.channels) > 0 {
		return
	}
	for _, r := range slices.Clone(b.recordings) {
		r.finish()
	}
}

// RefuseFiles lets no recording be written any more, or lets it again. Asterisk says of such a recording that it has started and, at once,
// that it is done, after 0 seconds; there is no file.
func (s *Server) RefuseFiles(yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filesRefused = yes
}

// FailRecording lets a recording that is under way fail, which Asterisk's source knows and nothing that was tried brought about; false
// means that there is none of that name.
func (s *Server) FailRecording(name, cause string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.recordings[name]
	if r == nil || r.stored {
		return false
	}
	r.over()
	delete(s.recordings, name)
	m := r.model("failed")
	m.Cause = cause
	r.tell("RecordingFailed", m)
	return true
}

// onRecording does something to a recording that is under way, or is over.
func (s *Server) onRecording(r *request, stored bool, do func(r *recording) reply) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.recordings[r.ids[0]]
	if found == nil || found.stored != stored {
		return refusal(http.StatusNotFound, "Recording not found")
	}
	return do(found)
}

func (s *Server) getRecording(r *request) reply {
	return s.onRecording(r, false, func(r *recording) reply { return ok(r.model("recording")) })
}

func (s *Server) stopRecording(r *request) reply {
	return s.onRecording(r, false, func(r *recording) reply {
		r.finish()
		return noContent()
	})
}

// cancelRecording ends a recording and throws it away.
func (s *Server) cancelRecording(r *request) reply {
	return s.onRecording(r, false, func(r *recording) reply {
		r.finish()
		delete(s.recordings, r.name)
		return noContent()
	})
}

func (s *Server) getStoredRecording(r *request) reply {
	return s.onRecording(r, true, func(r *recording) reply {
		return ok(struct {
			Name   string `json:"name"`
			Format string `json:"format"`
		}{r.name, r.format})
	})
}
