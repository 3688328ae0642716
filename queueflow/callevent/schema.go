package callevent

import "embed"

//go:embed schema/*.json
var schemas embed.FS

// Schema is the JSON Schema (draft 2020-12) of a whole event of a kind, envelope and data, complete in itself. It is nil
// for a kind this version does not publish.
func Schema(kind Kind) []byte {
	b, err := schemas.ReadFile("schema/" + string(kind) + typeVersion + ".json")
	if err != nil {
		return nil
	}
	return b
}
