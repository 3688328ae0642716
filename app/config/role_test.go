package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/config"
)

func TestRolesAreReadAndNoneAreAll(t *testing.T) {
	t.Parallel()
	both := config.Roles{config.RoleApp, config.RoleNotifier}
	for _, c := range []struct {
		names []string
		want  config.Roles
	}{
		{nil, both},
		{[]string{"app"}, config.Roles{config.RoleApp}},
		{[]string{"notifier"}, config.Roles{config.RoleNotifier}},
		{[]string{"app", " notifier", "app"}, both},
	} {
		roles, err := config.ParseRoles(c.names)
		require.NoError(t, err)
		assert.Equal(t, c.want, roles)
	}
	assert.Equal(t, "app, notifier", both.String())
	assert.True(t, both.Has(config.RoleNotifier))
	assert.False(t, config.Roles{config.RoleApp}.Has(config.RoleNotifier))
}

func TestARoleThatThisVersionDoesNotHaveIsRefused(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]string{
		"callback": "role callback: this version does not have it yet; it has: app, notifier",
		"web":      "role web: this version does not have it yet; it has: app, notifier",
		"notifer":  `role "notifer": there is no such role, did you mean "notifier"?; this version has: app, notifier`,
		"":         `role "": there is no such role; this version has: app, notifier`,
	} {
		_, err := config.ParseRoles([]string{"app", name})
		assert.EqualError(t, err, rule)
	}
}

func TestWhatServeNeedsDependsOnItsRoles(t *testing.T) {
	t.Parallel()
	app, notifier := config.Roles{config.RoleApp}, config.Roles{config.RoleNotifier}
	ari := []string{"MISSEDCALLS_ARI_USERNAME=u", "MISSEDCALLS_ARI_PASSWORD=p"}
	cluster := []string{"MISSEDCALLS_NATS_URL=nats://a"}
	for name, c := range map[string]struct {
		environ []string
		roles   config.Roles
		want    string
	}{
		"calls with credentials":      {ari, app, ""},
		"calls without":               {cluster, app, "MISSEDCALLS_ARI_USERNAME: is not set"},
		"everything with credentials": {ari, config.EveryRole(), ""},
		"everything without":          {nil, config.EveryRole(), "MISSEDCALLS_ARI_USERNAME: is not set"},
		"notifying with a cluster":    {cluster, notifier, ""},
		"notifying without":           {ari, notifier, "MISSEDCALLS_NATS_URL: is not set; without role app there is no server in this process"},
	} {
		s, err := config.LoadSettings(c.environ)
		require.NoError(t, err)
		err = s.CheckServe(c.roles)
		if c.want == "" {
			assert.NoError(t, err, name)
			continue
		}
		require.ErrorAs(t, err, new(config.Problems), name)
		assert.ErrorContains(t, err, c.want, name)
	}
}
