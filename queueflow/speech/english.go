package speech

// english is said with the core sounds but for two sentences. Its numbers are as Asterisk says them: one hundred one.
var english = table{
	name: "en",
	plural: func(n int) plural {
		if n == 1 {
			return pluralOne
		}
		return pluralOther
	},
	number:      englishNumber,
	next:        []string{"queue-youarenext"},
	before:      "queue-thereare",
	after:       "queue-callswaiting",
	moreThanOne: []string{"mc/word-more-than-one"},
	more:        "queue-quantity1",
	waiting:     forms{pluralOther: "queue-quantity2"},
	wait:        "queue-holdtime",
	lessThan: [2][]string{
		{"queue-less-than", "digits/1", "queue-minute"},
		{"queue-less-than", "digits/2", "queue-minutes"},
	},
	second:    noun{forms: forms{pluralOther: "queue-seconds"}},
	minute:    noun{forms: forms{pluralOne: "queue-minute", pluralOther: "queue-minutes"}},
	hour:      noun{forms: forms{pluralOther: "hours"}},
	waited:    "mc/word-waited",
	thanks:    "queue-thankyou",
	stockUpTo: Largest,
	missing: []Word{
		{"mc/word-waited", "The caller has waited"},
		{"mc/word-more-than-one", "Currently, there is more than one caller waiting to speak with a representative."},
	},
}

func englishNumber(n int, _ Gender) []string {
	if n == 0 {
		return one(digits(0))
	}
	var words []string
	if n >= 1000 {
		words = append(englishNumber(n/1000, Masculine), "digits/thousand")
		n %= 1000
	}
	if n >= 100 {
		words = append(words, digits(n/100), "digits/hundred")
		n %= 100
	}
	return append(words, below100(n, nil)...)
}
