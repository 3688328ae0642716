package prompts

import (
	"regexp"
	"slices"
	"strings"
)

// fallback is the language in which every phrase exists.
const fallback = "en"

var (
	nameRule     = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	languageRule = regexp.MustCompile(`^[A-Za-z]{2,8}([_-][A-Za-z0-9]{1,16}){0,3}$`)
)

// key is a prompt's folder and name.
type key struct{ language, name string }

// valid says whether a prompt may be called so. What is not valid is looked for nowhere.
func (k key) valid() bool {
	return languageRule.MatchString(k.language) && nameRule.MatchString(k.name)
}

func (k key) String() string { return k.language + "/" + k.name + ".wav" }

// languages are where a prompt is looked for, in order: ru_RU, ru, en. Asterisk itself cuts at _ and ends with en too.
func languages(language string) []string {
	var chain []string
	if languageRule.MatchString(language) {
		for chain = []string{language}; ; {
			cut := strings.LastIndexAny(language, "_-")
			if cut < 0 {
				break
			}
			language = language[:cut]
			chain = append(chain, language)
		}
	}
	if !slices.Contains(chain, fallback) {
		chain = append(chain, fallback)
	}
	return chain
}
