package arimock

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Limits of Asterisk's web server (main/http.c).
const (
	longestLine = 4096
	mostHeaders = 100
	largestBody = 40960
)

// prefix is the path below which ARI is.
const prefix = "/ari/"

// request is one request to ARI, with its parameters read.
type request struct {
	*http.Request
	// ids are the parts of the path that stand for something, decoded.
	ids []string
	// params are those of the query, of a form and of a JSON body, which override in this order.
	params url.Values
	// body is the JSON body, nil without one.
	body map[string]any
}

// get gives a parameter; a list gives its first item.
func (r *request) get(name string) string { return r.params.Get(name) }

// number gives a parameter that is a whole number, in the body a JSON number.
func (r *request) number(name string) (value int, given bool) {
	if n, is := r.body[name].(float64); is {
		return int(n), true
	}
	value, err := strconv.Atoi(r.get(name))
	return value, err == nil
}

// list gives a parameter that may be repeated, or hold several values parted by commas.
func (r *request) list(name string) (values []string) {
	for _, v := range r.params[name] {
		values = append(values, strings.Split(v, ",")...)
	}
	return slices.DeleteFunc(values, func(v string) bool { return v == "" })
}

// reply is what Asterisk answers.
type reply struct {
	status int
	body   any // as JSON, nothing if nil
	header http.Header
}

func noContent() reply       { return reply{status: http.StatusNoContent} }
func ok(body any) reply      { return reply{status: http.StatusOK, body: body} }
func created(body any) reply { return reply{status: http.StatusCreated, body: body} }
func allocationFailed() reply {
	return reply{status: http.StatusInternalServerError, body: failure{"Allocation failed"}}
}
func refusal(status int, words string) reply {
	return reply{status: status, body: message{words}}
}

// message is the body of an error, failure that of one where something could not be made.
type (
	message struct {
		Message string `json:"message"`
	}
	failure struct {
		Error string `json:"error"`
	}
)

// serve is the web server: what it refuses by itself, who asks, and which operation it is.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if page, words := tooLong(r); page != 0 {
		s.writePage(w, page, words)
		return
	}
	body, whole := readBody(r)
	if !whole {
		write(w, refusal(http.StatusRequestEntityTooLarge, "Request body too large"))
		return
	}
	if s.control(w, r, body) {
		return
	}
	if !s.knows(r) {
		answer := refusal(http.StatusUnauthorized, "Authentication required")
		answer.header = http.Header{"WWW-Authenticate": {`Basic realm="Asterisk REST Interface"`}}
		write(w, answer)
		return
	}
	path, below := strings.CutPrefix(r.URL.EscapedPath(), prefix)
	if !below {
		s.writePage(w, http.StatusNotFound, "The requested URL was not found on this server.")
		return
	}
	op, ids, answer := find(r.Method, path)
	if op == nil {
		write(w, answer)
		return
	}
	params, object, err := parameters(r, body)
	if err != nil {
		write(w, refusal(http.StatusBadRequest, "Error parsing request body"))
		return
	}
	s.carryOut(w, op, &request{Request: r, ids: ids, params: params, body: object})
}

// carryOut does one operation, unless a test makes it go wrong.
func (s *Server) carryOut(w http.ResponseWriter, op *operation, r *request) {
	f := s.faultOf(r)
	if !s.pause(f.Delay, r) || f.Drop && f.Undone {
		panic(http.ErrAbortHandler)
	}
	if f.Status != 0 {
		write(w, refusal(f.Status, "a fault that was asked for"))
		return
	}
	if op.upgrade != nil {
		op.upgrade(s, w, r)
		return
	}
	answer := op.do(s, r)
	if !s.pause(f.DelayAnswer, r) || f.Drop {
		panic(http.ErrAbortHandler)
	}
	write(w, answer)
}

// tooLong gives the page with which the web server refuses a request before ARI sees it; 0 for none.
func tooLong(r *http.Request) (page int, words string) {
	if len(r.Method)+len(r.RequestURI)+len("  HTTP/1.1\r\n") > longestLine {
		return http.StatusBadRequest, "Request line too long"
	}
	headers := 0
	for name, values := range r.Header {
		headers += len(values)
		for _, v := range values {
			if len(name)+len(v)+len(": \r\n") > longestLine {
				return http.StatusBadRequest, "Header line too long"
			}
		}
	}
	if headers > mostHeaders {
		return http.StatusRequestEntityTooLarge, "Too many headers"
	}
	return 0, ""
}

func readBody(r *http.Request) (body []byte, whole bool) {
	if r.ContentLength > largestBody {
		return nil, false
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, largestBody+1))
	return body, err == nil && len(body) <= largestBody
}

// knows checks the credentials, from a header or from api_key.
func (s *Server) knows(r *http.Request) bool {
	username, password, given := r.BasicAuth()
	if !given {
		username, password, _ = strings.Cut(r.URL.Query().Get("api_key"), ":")
	}
	want := s.options.Username + ":" + s.options.Password
	return subtle.ConstantTimeCompare([]byte(username+":"+password), []byte(want)) == 1
}

// parameters reads query, form and JSON body. A field of the body that is no text is taken as it would be written.
func parameters(r *http.Request, body []byte) (url.Values, map[string]any, error) {
	params := r.URL.Query()
	if len(body) == 0 {
		return params, nil, nil
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form, err := url.ParseQuery(string(body))
		for name, values := range form {
			params[name] = values
		}
		return params, nil, err
	}
	object, err := readObject(body)
	if err != nil {
		return nil, nil, err
	}
	for name, value := range object {
		switch value := value.(type) {
		case string:
			params.Set(name, value)
		case []any:
			params[name] = texts(value)
		default: // a number is not what a text must be
			params.Del(name)
		}
	}
	return params, object, nil
}

// readObject reads a body of JSON, which may be a list that says nothing, and no bare text or number.
func readObject(body []byte) (map[string]any, error) {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	switch value := value.(type) {
	case map[string]any:
		return value, nil
	case []any:
		return nil, nil
	}
	return nil, errors.New("read body: neither an object nor a list")
}

func texts(list []any) (values []string) {
	for _, v := range list {
		if text, is := v.(string); is {
			values = append(values, text)
		}
	}
	return values
}

func write(w http.ResponseWriter, r reply) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.Header().Set("Cache-Control", "no-cache, no-store")
	if r.body == nil {
		w.WriteHeader(r.status)
		return
	}
	text, err := json.Marshal(r.body)
	if err != nil {
		panic(err) // our own values can all be written
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	_, _ = w.Write(text)
}

// writePage answers as Asterisk's web server does where ARI is not asked: with a page of HTML, after which the connection
// is closed.
func (s *Server) writePage(w http.ResponseWriter, status int, words string) {
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Connection", "close")
	w.WriteHeader(status)
	title := http.StatusText(status)
	_, _ = fmt.Fprintf(w, "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\r\n<html><head>\r\n<title>%d %s</title>\r\n</head><body>\r\n"+
		"<h1>%s</h1>\r\n<p>%s</p>\r\n<hr />\r\n<address>Asterisk/%s</address>\r\n</body></html>\r\n", status, title, title, words, s.options.Version)
}
