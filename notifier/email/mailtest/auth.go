package mailtest

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// steps is a dialogue of AUTH: each takes a response and gives a challenge, the last one none.
type steps []func(response []byte) (challenge []byte, err error)

// Next implements sasl.Server.
func (s *steps) Next(response []byte) (challenge []byte, done bool, err error) {
	step := (*s)[0]
	*s = (*s)[1:]
	challenge, err = step(response)
	return challenge, len(*s) == 0, err
}

// newAuth is the server's side of a mechanism, nil for an unknown one. in is told who has proved himself.
func newAuth(mechanism string, users map[string]string, in func(user string)) sasl.Server {
	check := func(user string, proved bool) error {
		if _, known := users[user]; !known || !proved {
			return smtp.ErrAuthFailed
		}
		in(user)
		return nil
	}
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, users[user] == password) })
	case sasl.Login:
		return newLogin(users, check)
	case "CRAM-MD5":
		return newCRAM(users, check)
	case "SCRAM-SHA-256":
		return newSCRAM(users, check)
	}
	return nil
}

func newLogin(users map[string]string, check func(string, bool) error) sasl.Server {
	var user string
	return &steps{
		func([]byte) ([]byte, error) { return []byte("Username:"), nil },
		func(response []byte) ([]byte, error) { user = string(response); return []byte("Password:"), nil },
		func(response []byte) ([]byte, error) { return nil, check(user, users[user] == string(response)) },
	}
}

// newCRAM is RFC 2195.
func newCRAM(users map[string]string, check func(string, bool) error) sasl.Server {
	challenge := []byte("<1896.697170952@mail.test>")
	return &steps{
		func([]byte) ([]byte, error) { return challenge, nil },
		func(response []byte) ([]byte, error) {
			user, digest, _ := strings.Cut(string(response), " ")
			mac := hmac.New(md5.New, []byte(users[user]))
			mac.Write(challenge)
			return nil, check(user, digest == hex.EncodeToString(mac.Sum(nil)))
		},
	}
}

// newSCRAM is RFC 5802 with the hash of RFC 7677, without channel binding and without an initial response.
func newSCRAM(users map[string]string, check func(string, bool) error) sasl.Server {
	const salt, nonce, iterations = "salt of the earth", "server", 4096
	var user, clientFirst, serverFirst string
	return &steps{
		func([]byte) ([]byte, error) { return nil, nil },
		func(response []byte) ([]byte, error) {
			clientFirst = strings.TrimPrefix(string(response), "n,,")
			fields := attributes(clientFirst)
			user = fields["n"]
			serverFirst = "r=" + fields["r"] + nonce + ",s=" + base64.StdEncoding.EncodeToString([]byte(salt)) + ",i=4096"
			return []byte(serverFirst), nil
		},
		func(response []byte) ([]byte, error) {
			salted, err := pbkdf2.Key(sha256.New, users[user], []byte(salt), iterations, sha256.Size)
			if err != nil {
				return nil, err
			}
			clientFinal, proof, _ := strings.Cut(string(response), ",p=")
			said := clientFirst + "," + serverFirst + "," + clientFinal
			clientKey := sum(salted, "Client Key")
			storedKey := sha256.Sum256(clientKey)
			want := make([]byte, sha256.Size)
			for i, b := range sum(storedKey[:], said) {
				want[i] = clientKey[i] ^ b
			}
			got, err := base64.StdEncoding.DecodeString(proof)
			if err != nil {
				return nil, err
			}
			signature := sum(sum(salted, "Server Key"), said)
			return []byte("v=" + base64.StdEncoding.EncodeToString(signature)), check(user, bytes.Equal(got, want))
		},
		func([]byte) ([]byte, error) { return nil, nil },
	}
}

// attributes are the fields of a message of SCRAM, each a letter, an equals sign and a value.
func attributes(message string) map[string]string {
	fields := make(map[string]string)
	for field := range strings.SplitSeq(message, ",") {
		name, value, _ := strings.Cut(field, "=")
		fields[name] = value
	}
	return fields
}

func sum(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
