package testbed

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func rendered(t *testing.T, opts ...Option) (map[string]string, settings) {
	t.Helper()
	s, err := newSettings(opts)
	require.NoError(t, err)
	files, err := render(s)
	require.NoError(t, err)
	return files, s
}

func TestEveryConfigurationFileIsRendered(t *testing.T) {
	files, s := rendered(t)
	entries, err := fs.ReadDir(etcFiles, "etc")
	require.NoError(t, err)
	for _, entry := range entries {
		assert.Contains(t, files, entry.Name())
	}
	for name, text := range files {
		assert.NotContains(t, text, "{{", name)
		assert.NotContains(t, text, "<no value>", name)
	}
	assert.Contains(t, files["pjsip.conf"], "contact = sip:101@127.0.0.1:")
	assert.Contains(t, files["pjsip.conf"], "[110](agent)")
	assert.Contains(t, files["asterisk.conf"], "entityid = "+s.EntityID)
	assert.Contains(t, files["modules.conf"], "noload = chan_iax2.so\n")
}

func TestOptionsReachTheirFiles(t *testing.T) {
	files, _ := rendered(t, WithApp("queue"), WithCredentials("me", "secret"), WithWriteTimeout(1500*time.Millisecond),
		WithDialplan("[more]\nexten => s,1,Hangup()"), WithDialplan("[again]"), WithCDR(), WithVerbose(),
		WithConfig("queues.conf", "[other]"), WithConfig("new.conf", "[general]"))

	assert.Equal(t, 2, strings.Count(files["extensions.conf"], ",1,Stasis(queue)\n"))
	assert.Contains(t, files["extensions.conf"], "Stasis(queue,${PJSIP_HEADER(read,X-Stasis-Args)})")
	assert.Contains(t, files["extensions.conf"], "[more]\nexten => s,1,Hangup()\n[again]\n")
	assert.Contains(t, files["ari.conf"], "[me]\n")
	assert.Contains(t, files["ari.conf"], "password = secret\n")
	assert.Contains(t, files["manager.conf"], "[me]\nsecret = secret\n")
	assert.Contains(t, files["ari.conf"], "websocket_write_timeout = 1500\n")
	assert.Contains(t, files["cdr.conf"], "enable = yes")
	assert.Contains(t, files["logger.conf"], ",verbose(5)")
	assert.Contains(t, files["queues.conf"], "[plain]")
	assert.True(t, strings.HasSuffix(files["queues.conf"], "[other]\n"))
	assert.Equal(t, "[general]\n", files["new.conf"])

	files, _ = rendered(t)
	assert.Contains(t, files["cdr.conf"], "enable = no")
	assert.Contains(t, files["ari.conf"], "websocket_write_timeout = 1000\n")
}

func TestPhonesThatRegisterACrowdAndTheMembersOfQueuesAreConfigured(t *testing.T) {
	files, s := rendered(t, WithCrowd(3), WithQueueMembers("102", "101"))
	assert.Contains(t, files["pjsip.conf"], "[121](agent)\naors = 121\n")
	assert.NotContains(t, files["pjsip.conf"], "contact = sip:121@")
	assert.Contains(t, files["pjsip.conf"], fmt.Sprintf("contact = sip:2001@127.0.0.1:%d\n", s.Crowd[0].Port))
	assert.Contains(t, files["pjsip.conf"], fmt.Sprintf("contact = sip:2003@127.0.0.1:%d\n", s.Crowd[0].Port), "one SIPp for all")
	assert.Contains(t, files["queues.conf"], "leavewhenempty = no\nmember => PJSIP/102\nmember => PJSIP/101\n")
	assert.Contains(t, files["extensions.conf"], "exten => *47,1,Stasis(missedcalls,@agent,pause,sales)\n")

	files, _ = rendered(t)
	assert.NotContains(t, files["pjsip.conf"], "[2001]")
	assert.Contains(t, files["queues.conf"], "member => PJSIP/101\n")
	_, err := newSettings([]Option{WithCrowd(1001)})
	assert.ErrorContains(t, err, "at most 1000")
}

func TestTheDialplanIsTheDocumentedOneUpToTheFallback(t *testing.T) {
	files, _ := rendered(t)
	assert.Contains(t, files["extensions.conf"], `exten => _X.,1,Stasis(missedcalls)
 same => n,GotoIf($["${STASISSTATUS}" = "FAILED" | "${QUEUESTATUS}" = "DECLINED"]?down)
 same => n,Hangup()
 same => n(down),`)
}

func TestAnInstancesFolderIsWrittenForItsUser(t *testing.T) {
	s, err := newSettings(nil)
	require.NoError(t, err)
	folder := t.TempDir()
	require.NoError(t, prepare(folder, Root{UID: os.Getuid(), GID: os.Getgid()}, s, "thishost"))
	for _, name := range []string{"root", "run", "lib", "log", "spool/recording", "cache", "sounds", "sipp", "etc/pjsip.conf", "hosts"} {
		_, err := os.Stat(filepath.Join(folder, name))
		assert.NoError(t, err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "hosts"))
	require.NoError(t, err)
	assert.Contains(t, string(text), "thishost")
	assert.Contains(t, string(text), "A.ROOT-SERVERS.NET")

	assert.ErrorContains(t, prepare(folder, Root{}, s, "thishost"), "prepare instance", "a folder is used once")
}

func TestPortsAreFreeDifferentAndOutsideTheKernelsRange(t *testing.T) {
	ports, err := freePorts(50)
	require.NoError(t, err)
	seen := map[int]bool{}
	for _, port := range ports {
		assert.False(t, seen[port])
		seen[port] = true
		assert.GreaterOrEqual(t, port, firstPort)
		assert.LessOrEqual(t, port, lastPort)
	}
	first, last := rtpRange()
	assert.Equal(t, rtpPorts, last-first+1)
	assert.Less(t, last, firstPort)
	assert.GreaterOrEqual(t, first, firstRTPPort)
}

func TestEachInstanceHasAnIDOfItsOwn(t *testing.T) {
	assert.Equal(t, "02:00:00:00:6d:55", entityID(0x6d55))
	assert.NotEqual(t, entityID(25000), entityID(25001))
}
