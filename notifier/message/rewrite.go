package message

import (
	"reflect"
	"strings"
	"time"

	"missedcalls/queueflow/callevent"
)

// text is one text of a payload, and where it is.
type text struct {
	// of is the struct that holds it, field its name in JSON; the elements of a list have the name of the list.
	of    reflect.Type
	field string
	value string
}

// rewrite gives a payload with every text in it changed, however deep it is, and leaves the given one alone. It reaches
// texts that a later version of the contract adds.
func rewrite(p callevent.Payload, change func(text) string) callevent.Payload {
	if p == nil {
		return nil
	}
	changed, _ := rewriter(change).value(reflect.ValueOf(p), text{}).Interface().(callevent.Payload)
	return changed
}

type rewriter func(text) string

var (
	timeType   = reflect.TypeFor[time.Time]()
	callerType = reflect.TypeFor[callevent.Caller]()
)

// value is a copy of v, which stands at a place.
func (r rewriter) value(v reflect.Value, at text) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch {
	case v.Kind() == reflect.String:
		at.value = v.String()
		out.SetString(r(at))
	case v.Kind() == reflect.Struct && v.Type() != timeType:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			out.Field(i).Set(r.value(v.Field(i), text{of: v.Type(), field: name}))
		}
	case v.Kind() == reflect.Slice && !v.IsNil():
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(r.value(v.Index(i), at))
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(r.value(v.Elem(), at))
	}
	return out
}
