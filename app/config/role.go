package config

import (
	"fmt"
	"slices"
	"strings"
)

// Role is a part of the program that may run in a process of its own.
type Role string

// The roles. RoleApp takes calls, RoleNotifier tells people of them.
const (
	RoleApp      Role = "app"
	RoleNotifier Role = "notifier"
	roleCallback Role = "callback"
	roleWeb      Role = "web"
)

// Roles are those of one process.
type Roles []Role

// EveryRole are those that this version has.
func EveryRole() Roles { return Roles{RoleApp, RoleNotifier} }

// ParseRoles reads the names of roles; none stand for every role. The error is for whoever typed them.
func ParseRoles(names []string) (Roles, error) {
	var roles Roles
	for _, name := range names {
		role := Role(strings.TrimSpace(name))
		switch {
		case slices.Contains(EveryRole(), role):
		case role == roleCallback || role == roleWeb:
			return nil, fmt.Errorf("role %s: this version does not have it yet; it has: %s", role, EveryRole())
		default:
			return nil, fmt.Errorf("role %q: there is no such role%s; this version has: %s",
				role, didYouMean(string(role), EveryRole().names()), EveryRole())
		}
		if !roles.Has(role) {
			roles = append(roles, role)
		}
	}
	if len(roles) == 0 {
		return EveryRole(), nil
	}
	return roles, nil
}

// Has says whether a role is among them.
func (r Roles) Has(role Role) bool { return slices.Contains(r, role) }

// String lists them: app, notifier.
func (r Roles) String() string { return strings.Join(r.names(), ", ") }

func (r Roles) names() []string {
	names := make([]string, len(r))
	for i, role := range r {
		names[i] = string(role)
	}
	return names
}
