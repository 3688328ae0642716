package webhook

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheSignatureIsThatOfStandardWebhooks has the vector of that project's own tests.
func TestTheSignatureIsThatOfStandardWebhooks(t *testing.T) {
	k, err := parseKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	require.NoError(t, err)
	assert.Equal(t, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		sign([]key{k}, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)))
}

func FuzzAnIDHasNothingThatPartsWhatIsSigned(f *testing.F) {
	f.Add("d4vq1m0s6k3c73f0a1b0.7.1.crm")
	f.Add("a\r\nX: 1 я")
	f.Fuzz(func(t *testing.T, id string) {
		got := idOf(id)
		assert.Empty(t, strings.Trim(got, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"))
		assert.Equal(t, got, idOf(got))
	})
}
