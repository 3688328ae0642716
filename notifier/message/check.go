package message

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"missedcalls/notifier/policy"
)

// Check reads every template of a target, and executes it for every sample that it may be used for, in both languages.
// Each error is a *TemplateError, and each is told once, however many samples have it.
func Check(t policy.Target) []error {
	var errs []error
	told := make(map[string]bool)
	for _, in := range []*language{&english, &russian} {
		t.Language = in.name
		r, unread := newRenderer(t)
		for _, err := range slices.Concat(unread, r.check(in)) {
			var wrong *TemplateError
			if !errors.As(err, &wrong) {
				continue
			}
			if key := fmt.Sprintf("%s %s %s", wrong.Kind, wrong.Part, wrong.Err); !told[key] {
				told[key] = true
				errs = append(errs, err)
			}
		}
	}
	return errs
}

// check executes the templates that could be read.
func (r *Renderer) check(in *language) (errs []error) {
	for _, kind := range slices.Sorted(maps.Keys(r.templates)) {
		for _, e := range Samples() {
			_, own := r.templates[e.Payload.Kind()]
			if e.Payload.Kind() != kind && (kind != policy.AnyEvent || own) {
				continue
			}
			v := r.view(e)
			for _, p := range r.templates[kind] {
				var wrong *TemplateError
				if _, err := p.execute(v); errors.As(err, &wrong) {
					wrong.Sample, wrong.Language = e.Call, in.name
					errs = append(errs, wrong)
				}
			}
		}
	}
	return errs
}
