package config

import "strings"

// Media is a place of the file that names something for Asterisk to play.
type Media struct {
	URI string // sound:custom/thanks
	// Place is where it stands, as a problem without a rule.
	Place Problem
	// Language is the queue's, in which it is played; empty for the channel's own.
	Language string
}

// media finds every media of the file at path, in the order of the file. Asterisk takes what follows a comma for the
// next one.
func media(path string, root *node) []Media {
	var found []Media
	walk(root, nil, schema().root, func(n *node, _ *field, _ map[string]any, def string) {
		if (def != "media" && def != "media_uri") || n.kind != scalar {
			return
		}
		for _, uri := range strings.Split(n.text, ",") {
			uri = strings.TrimSpace(uri)
			place := n.problem("")
			place.Path, place.Value = path, uri
			found = append(found, Media{URI: uri, Place: place, Language: languageAt(root, n.path)})
		}
	})
	return found
}

// languageAt is the language of the queue in which a path lies.
func languageAt(root *node, path []string) string {
	if len(path) < 2 || path[0] != "queues" {
		return ""
	}
	return root.at(path[:2]).get("language").or("")
}
