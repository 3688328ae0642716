package testbed

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDeparturesAreReadFromTheGlobalVariables(t *testing.T) {
	out := `
   SOMETHING=else
   exit_1795250558.3=500|79990000001|SUCCESS|TIMEOUT|1|60|PJSIP/101|Agent 101
   exit_broken=500
   fallback_1795250558.4=+74951234567||FAILED|||||

    -- 4 variables
`
	assert.Equal(t, []Departure{{
		Channel: "1795250558.3", Extension: "500", Number: "79990000001", StasisStatus: "SUCCESS",
		QueueStatus: "TIMEOUT", QueuePosition: "1", QueueWait: "60",
		MemberInterface: "PJSIP/101", MemberName: "Agent 101",
	}}, parseDepartures(out, "exit"))
	assert.Equal(t, []Departure{{Channel: "1795250558.4", Extension: "+74951234567", StasisStatus: "FAILED"}}, parseDepartures(out, "fallback"))
	assert.Empty(t, parseDepartures("", "exit"))
}
