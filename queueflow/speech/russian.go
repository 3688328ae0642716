package speech

import "strconv"

// russian needs words of ours for hundreds from 200 on, for thousands, for feminine numbers, and for the forms of the
// nouns that the core sounds lack; they have минут, часов and секунд.
var russian = table{
	name:   "ru",
	plural: russianPlural,
	number: russianNumber,
	next:   []string{"queue-youarenext"},
	before: "queue-thereare",
	after:  "queue-callswaiting",
	more:   "queue-quantity1",
	waiting: forms{
		pluralOne: "mc/word-waiting-one", pluralFew: "queue-quantity2", pluralOther: "queue-quantity2",
	},
	wait: "queue-holdtime",
	lessThan: [2][]string{
		{"queue-less-than", "mc/word-minute-few"}, // the genitive of the singular sounds the same
		{"queue-less-than", "mc/word-2-genitive", "queue-minutes"},
	},
	// Only tens are said of seconds, up to 180.
	second: noun{feminineAccusative, forms{pluralOther: "queue-seconds"}},
	minute: noun{feminineAccusative, forms{
		pluralOne: "mc/word-minute-accusative", pluralFew: "mc/word-minute-few", pluralOther: "queue-minutes",
	}},
	hour:      noun{Masculine, forms{pluralOne: "mc/word-hour-one", pluralFew: "mc/word-hour-few", pluralOther: "hours"}},
	waited:    "mc/word-waited",
	thanks:    "queue-thankyou",
	stockUpTo: 199,
	missing: []Word{
		{"mc/word-waited", "Абонент ждал"},
		{"mc/word-200", "двести"},
		{"mc/word-300", "триста"},
		{"mc/word-400", "четыреста"},
		{"mc/word-500", "пятьсот"},
		{"mc/word-600", "шестьсот"},
		{"mc/word-700", "семьсот"},
		{"mc/word-800", "восемьсот"},
		{"mc/word-900", "девятьсот"},
		{"mc/word-1-feminine", "одна"},
		{"mc/word-1-accusative", "одну"},
		{"mc/word-2-feminine", "две"},
		{"mc/word-2-genitive", "двух"},
		{"mc/word-thousand-few", "тысячи"},
		{"mc/word-thousand-many", "тысяч"},
		{"mc/word-minute-accusative", "минуту"},
		{"mc/word-minute-few", "минуты"},
		{"mc/word-hour-one", "час"},
		{"mc/word-hour-few", "часа"},
		{"mc/word-waiting-one", "ожидающий ответа представителя"},
	},
}

// russianPlural is CLDR's rule for whole numbers.
func russianPlural(n int) plural {
	ones, teens := n%10, n%100/10 == 1
	switch {
	case ones == 1 && !teens:
		return pluralOne
	case 2 <= ones && ones <= 4 && !teens:
		return pluralFew
	}
	return pluralOther
}

// russianOnes are one and two where they are not as masculine.
var russianOnes = map[Gender]map[int]string{
	Feminine:           {1: "mc/word-1-feminine", 2: "mc/word-2-feminine"},
	Neuter:             {1: "digits/1n"},
	feminineAccusative: {1: "mc/word-1-accusative", 2: "mc/word-2-feminine"},
}

var russianThousands = forms{
	pluralOne: "digits/thousand", pluralFew: "mc/word-thousand-few", pluralOther: "mc/word-thousand-many",
}

// russianNumber says тысяча for 1000, without одна.
func russianNumber(n int, form Gender) []string {
	if n == 0 {
		return one(digits(0))
	}
	var words []string
	if thousands := n / 1000; thousands > 0 {
		if thousands > 1 {
			words = russianBelow1000(thousands, Feminine)
		}
		words = append(words, russianThousands[russianPlural(thousands)])
	}
	return append(words, russianBelow1000(n%1000, form)...)
}

func russianBelow1000(n int, form Gender) []string {
	var words []string
	switch {
	case n >= 200:
		words = append(words, ours+"word-"+strconv.Itoa(n-n%100))
	case n >= 100:
		words = append(words, "digits/hundred")
	}
	return append(words, below100(n%100, russianOnes[form])...)
}
