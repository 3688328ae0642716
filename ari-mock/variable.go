package arimock

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// getVariable reads what the dialplan would, on any channel.
func (s *Server) getVariable(r *request) reply {
	name := r.get("variable")
	if name == "" {
		return refusal(http.StatusBadRequest, "Variable name is required")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[r.ids[0]]
	if c == nil {
		return refusal(http.StatusNotFound, "Provided channel was not found")
	}
	value, found, readable := c.value(name)
	switch {
	case !readable:
		return refusal(http.StatusInternalServerError, "Unable to read provided function")
	case !found:
		return refusal(http.StatusNotFound, "Provided variable was not found")
	}
	return ok(struct {
		Value string `json:"value"`
	}{value})
}

// setVariable waits for the channel's thread.
func (s *Server) setVariable(r *request) reply {
	name := r.get("variable")
	if name == "" {
		return refusal(http.StatusBadRequest, "Variable name is required")
	}
	c, refused := s.lockChannel(r, true)
	if refused != nil {
		return *refused
	}
	value, given := r.get("value"), r.params.Has("value")
	if !c.wait(func() {
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		if !given {
			delete(c.variables, name)
			return
		}
		c.set(name, value)
	}) {
		return refusal(http.StatusBadRequest, "Failed to execute function")
	}
	return noContent()
}

// function is FUNCTION(arguments).
var function = regexp.MustCompile(`^([A-Z_]+)\((.*)\)$`)

// value evaluates a variable, or one of the functions that this program uses.
func (c *channel) value(name string) (value string, found, readable bool) {
	parts := function.FindStringSubmatch(name)
	if parts == nil {
		value, found = c.variable(name)
		return value, found, true
	}
	args := strings.Split(parts[2], ",")
	switch parts[1] {
	case "EVAL":
		return c.substitute(parts[2]), true, true
	case "CALLERID":
		value, readable = c.callerID(args[0])
	case "CONNECTEDLINE":
		value, readable = c.connected.part(args[0])
	case "CHANNEL":
		value, readable = c.property(args[0])
	case "DIALPLAN_EXISTS":
		value, readable = c.dialplanExists(args), true
	}
	return value, readable, readable
}

// dialplanExists looks for as much of context, extension and priority as is given.
func (c *channel) dialplanExists(args []string) string {
	if c.s.options.Dialplan.has(args) {
		return "1"
	}
	return "0"
}

func (d Dialplan) has(place []string) bool {
	switch len(place) {
	case 1:
		return d.contextExists(place[0])
	case 2:
		return d.extensionExists(place[0], place[1])
	}
	priority, _ := strconv.Atoi(place[2])
	return d.exists(place[0], place[1], priority)
}

// reference is ${NAME} without another one inside.
var reference = regexp.MustCompile(`\$\{([^{}]*)\}`)

func (c *channel) substitute(text string) string {
	return reference.ReplaceAllStringFunc(text, func(found string) string {
		value, _, _ := c.value(found[2 : len(found)-1])
		return value
	})
}

// variable reads a variable, or what the dialplan has in their place.
func (c *channel) variable(name string) (value string, found bool) {
	switch name {
	case "EXTEN":
		return c.exten, true
	case "CONTEXT":
		return c.context, true
	case "PRIORITY":
		return strconv.Itoa(c.priority), true
	case "UNIQUEID":
		return c.id, true
	case "CHANNEL":
		return c.name, true
	}
	value, found = c.variables[name]
	return value, found
}

// set gives a variable, or what a function stands for, a value, and says so. Functions that the stand-in does not know
// are passed over, as Asterisk passes over what a function refuses. The mutex is held.
func (c *channel) set(name, value string) {
	c.apply(name, value)
	switch name {
	case "CALLERID(name)", "CALLERID(num)":
		c.tellCallerID()
	}
	if function.MatchString(name) {
		return
	}
	c.variables[name] = value
	c.publish(&channelVarset{c.s.head("ChannelVarset"), name, value, c.model()})
}

// setFirst gives a variable a value before anybody hears of the channel.
func (c *channel) setFirst(name, value string) {
	c.apply(name, value)
	if !function.MatchString(name) {
		c.variables[name] = value
	}
}

// apply does what a function stands for; what is no function, or none of these, is passed over.
func (c *channel) apply(name, value string) {
	parts := function.FindStringSubmatch(name)
	if parts == nil {
		return
	}
	what, more, _ := strings.Cut(parts[2], ",")
	switch parts[1] + "(" + what + ")" {
	case "CALLERID(name)":
		c.caller.Name = value
	case "CALLERID(num)":
		c.caller.Number = value
	case "CONNECTEDLINE(name)":
		c.connected.Name = value
	case "CONNECTEDLINE(num)":
		c.connected.Number = value
	case "CHANNEL(language)":
		c.language = value
	case "PJSIP_HEADER(add)":
		if c.headers == nil {
			c.headers = make(map[string]string)
		}
		c.headers[more] = value
	}
}

func (c *channel) tellCallerID() {
	e := &channelCallerID{event: c.s.head("ChannelCallerId"), PresentationText: "Presentation Allowed, Not Screened", Channel: c.model()}
	if c.withheld {
		e.Presentation, e.PresentationText = 32, "Presentation Prohibited, Not Screened"
	}
	c.publish(e)
}

func (c *channel) callerID(what string) (value string, known bool) {
	switch what {
	case "dnid":
		return c.exten, true
	case "num-pres", "name-pres", "pres":
		if c.withheld {
			return "prohib_not_screened", true
		}
		return "allowed_not_screened", true
	}
	if c.unseenCaller != (party{}) {
		return c.unseenCaller.part(what)
	}
	return c.caller.part(what)
}

func (p party) part(what string) (value string, known bool) {
	switch what {
	case "num":
		return p.Number, true
	case "name":
		return p.Name, true
	case "all":
		return `"` + p.Name + `" <` + p.Number + ">", true
	}
	return "", false
}

func (c *channel) property(what string) (value string, known bool) {
	switch what {
	case "linkedid":
		return c.linkedID, true
	case "language":
		return c.language, true
	case "name":
		return c.name, true
	case "state":
		return c.state, true
	case "channeltype":
		technology, _, _ := strings.Cut(c.name, "/")
		return technology, true
	}
	return "", false
}
