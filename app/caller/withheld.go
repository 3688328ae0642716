package caller

import "strings"

// shown says whether the network lets the number be shown. presentation is what CALLERID(num-pres) gives in Asterisk:
// allowed, allowed_not_screened, prohib, prohib_passed_screen, unavailable and so on. Empty means that nobody asked
// Asterisk, and counts as allowed. A word that Asterisk does not have counts as prohibited: to show a number that
// should be hidden harms a person, the reverse costs a look into Asterisk.
func shown(presentation string) bool {
	p := strings.ToLower(strings.TrimSpace(presentation))
	return p == "" || strings.HasPrefix(p, "allowed")
}

// Withheld says whether a presentation, as CALLERID(num-pres) gives it, forbids showing the number.
func Withheld(presentation string) bool { return !shown(presentation) }

// absent are words that carriers, gateways and Asterisk itself put where the number should be, without spaces,
// brackets and hyphens.
var absent = map[string]bool{
	"anonymous": true, "anonym": true, "unknown": true, "unavailable": true, "restricted": true, "private": true,
	"withheld": true, "blocked": true, "hidden": true, "secret": true, "none": true, "null": true,
	"nonumber": true, "nocallerid": true, "notavailable": true, "outofarea": true, "callerunknown": true,
	"unknowncaller": true, "unknownnumber": true, "privatecaller": true, "privatenumber": true,
	"withheldnumber": true, "hiddennumber": true, "anonymouscaller": true, "calleridblocked": true,
	"аноним": true, "анонимный": true, "неизвестен": true, "неизвестный": true, "скрыт": true, "скрытый": true,
	"номерскрыт": true, "скрытыйномер": true, "номернеопределен": true, "номернеопределён": true,
}

var plainWord = strings.NewReplacer(" ", "", "\u00a0", "", "-", "", "_", "", ".", "",
	"<", "", ">", "", "(", "", ")", "", `"`, "", "'", "")

// isAbsent says whether number is empty or a word that stands for a missing number.
func isAbsent(number string) bool {
	word := plainWord.Replace(strings.ToLower(number))
	return word == "" || absent[word]
}
