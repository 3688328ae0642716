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
		pluralOne: "mc/waiting-one", pluralFew: "queue-quantity2", pluralOther: "queue-quantity2",
	},
	wait: "queue-holdtime",
	lessThan: [2][]string{
		{"queue-less-than", "mc/minute-few"}, // the genitive of the singular sounds the same
		{"queue-less-than", "mc/2-genitive", "queue-minutes"},
	},
	// Only 30, 60 and so on up to 180 are said of seconds.
	second: noun{feminineAccusative, forms{pluralOther: "queue-seconds"}},
	minute: noun{feminineAccusative, forms{
		pluralOne: "mc/minute-accusative", pluralFew: "mc/minute-few", pluralOther: "queue-minutes",
	}},
	hour:      noun{Masculine, forms{pluralOne: "mc/hour-one", pluralFew: "mc/hour-few", pluralOther: "hours"}},
	thanks:    "queue-thankyou",
	stockUpTo: 199,
	missing: []Word{
		{"mc/200", "двести"},
		{"mc/300", "триста"},
		{"mc/400", "четыреста"},
		{"mc/500", "пятьсот"},
		{"mc/600", "шестьсот"},
		{"mc/700", "семьсот"},
		{"mc/800", "восемьсот"},
		{"mc/900", "девятьсот"},
		{"mc/1-feminine", "одна"},
		{"mc/1-accusative", "одну"},
		{"mc/2-feminine", "две"},
		{"mc/2-genitive", "двух"},
		{"mc/thousand-few", "тысячи"},
		{"mc/thousand-many", "тысяч"},
		{"mc/minute-accusative", "минуту"},
		{"mc/minute-few", "минуты"},
		{"mc/hour-one", "час"},
		{"mc/hour-few", "часа"},
		{"mc/waiting-one", "ожидающий ответа представителя"},
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
	Feminine:           {1: "mc/1-feminine", 2: "mc/2-feminine"},
	Neuter:             {1: "digits/1n"},
	feminineAccusative: {1: "mc/1-accusative", 2: "mc/2-feminine"},
}

var russianThousands = forms{
	pluralOne: "digits/thousand", pluralFew: "mc/thousand-few", pluralOther: "mc/thousand-many",
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
		words = append(words, ours+strconv.Itoa(n-n%100))
	case n >= 100:
		words = append(words, "digits/hundred")
	}
	return append(words, below100(n%100, russianOnes[form])...)
}
