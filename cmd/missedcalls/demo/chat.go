package demo

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// teamChat is the name of the demo's target, and chatNumber the number of its chat.
const (
	teamChat   = "team-chat"
	chatNumber = -1001234567890
)

// chat plays the Bot API of Telegram for one chat, as far as the program uses it, on a port of loopback. It keeps what
// became of each call there; of the messages only their numbers, so that an hour of a demo at its greatest speed is a few
// dozen megabytes.
type chat struct {
	address, token string
	// tokenFile is where the program finds the token.
	tokenFile string
	server    *http.Server
	served    chan error
	// posts are what happens in the chat, in order. One that is not taken in time is dropped: the check misses none.
	posts chan post

	mu sync.Mutex
	// last is the number of the newest message. Numbers begin with the time, so that none is that of a message of an
	// earlier demo whose data was kept.
	last     int64
	messages map[int64]string    // the call that a message tells of
	standing map[string]standing // by call
}

// standing is how a call stands in the chat: how many messages tell of it, and whether they say how it was settled.
type standing struct {
	told    int
	changed bool
}

// Bounds of the chat.
const (
	postsAhead   = 8192
	longestPost  = 64 << 10
	headerWithin = 5 * time.Second
)

func startChat() (*chat, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the chat: %w", err)
	}
	c := &chat{
		address: listener.Addr().String(), token: "1:" + rand.Text(), served: make(chan error, 1), posts: make(chan post, postsAhead),
		last: time.Now().UnixMilli(), messages: make(map[int64]string), standing: make(map[string]standing),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /bot"+c.token+"/sendMessage", c.serve(c.send))
	mux.HandleFunc("POST /bot"+c.token+"/editMessageText", c.serve(c.edit))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusNotFound, chatError{Code: http.StatusNotFound, Description: "Not Found"})
	})
	c.server = &http.Server{Handler: mux, ReadHeaderTimeout: headerWithin}
	go func() { c.served <- c.server.Serve(listener) }()
	return c, nil
}

// url is the base_url of a target.
func (c *chat) url() string { return "http://" + c.address }

// stop ends the chat.
func (c *chat) stop() error {
	err := c.server.Close()
	if served := <-c.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	if err != nil {
		return fmt.Errorf("serve the chat: %w", err)
	}
	return nil
}

// chatRequest is that of both methods, chatError their answer when they do nothing.
type (
	chatRequest struct {
		Chat    int64  `json:"chat_id"`
		Message int64  `json:"message_id"`
		Text    string `json:"text"`
	}
	chatError struct {
		OK          bool   `json:"ok"`
		Code        int    `json:"error_code"`
		Description string `json:"description"`
	}
)

func badChatRequest(description string) *chatError {
	return &chatError{Code: http.StatusBadRequest, Description: "Bad Request: " + description}
}

// serve answers as the Bot API does.
func (*chat) serve(do func(chatRequest) (message int64, refused *chatError)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in chatRequest
		var message int64
		refused := badChatRequest("the request cannot be read")
		if json.NewDecoder(http.MaxBytesReader(w, r.Body, longestPost)).Decode(&in) == nil {
			message, refused = do(in)
		}
		if refused != nil {
			answer(w, refused.Code, refused)
			return
		}
		answer(w, http.StatusOK, map[string]any{
			"ok": true, "result": map[string]any{"message_id": message, "chat": map[string]any{"id": in.Chat}},
		})
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // an error is that whoever asked has gone
}

// send is sendMessage.
func (c *chat) send(in chatRequest) (int64, *chatError) {
	if in.Chat != chatNumber {
		return 0, badChatRequest("chat not found")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	p := readPost(in.Text)
	c.messages[c.last] = p.call
	s := c.standing[p.call]
	s.told++
	c.standing[p.call] = s
	c.show(c.last, p)
	return c.last, nil
}

// edit is editMessageText.
func (c *chat) edit(in chatRequest) (int64, *chatError) {
	c.mu.Lock()
	defer c.mu.Unlock()
	call, there := c.messages[in.Message]
	if in.Chat != chatNumber || !there {
		return 0, badChatRequest("message to edit not found")
	}
	p := readPost(in.Text)
	s := c.standing[call]
	s.changed = true
	c.standing[call] = s
	p.changed = true
	c.show(in.Message, p)
	return in.Message, nil
}

// show hands a post on, with the mutex held, so that posts keep their order.
func (c *chat) show(message int64, p post) {
	p.message, p.at = message, time.Now()
	select {
	case c.posts <- p:
	default:
	}
}

// of is how a call stands.
func (c *chat) of(call string) standing {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.standing[call]
}
