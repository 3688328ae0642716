package demo

import (
	"fmt"
	"math/rand/v2"
)

// identity is what a caller's phone shows.
type identity struct {
	number, name string
	withheld     bool
}

// fiction is a block of numbers that nobody has. The regulators of Britain (Ofcom), North America (NANPA) and Australia
// (ACMA) keep theirs for films and books; of Russia's numbers, where none is kept, those here are not given out.
type fiction struct {
	format string
	size   int
}

var abroad = []fiction{{"442079460%03d", 1000}, {"+447700900%03d", 1000}, {"1212555%04d", 0}, {"+61255500%03d", 1000}}

// writings are the ways in which Russian trunks write one and the same number.
var writings = []string{"8%s", "7%s", "+7%s"}

var (
	names      = []string{"Иван", "Мария", "Ольга", "Alice", "Bob", "Пётр", ""}
	extensions = 99
)

// someone is a caller: mostly from Russia, some from abroad, some of the office, some who do not want to be known.
func someone(chance *rand.Rand) identity {
	switch p := chance.Float64(); {
	case p < 0.04:
		return identity{} // no number came with the call
	case p < 0.08:
		return identity{number: russian(chance), withheld: true}
	case p < 0.16:
		return identity{number: fmt.Sprintf("1%02d", 1+chance.IntN(extensions)), name: pick(chance, names)}
	case p < 0.30:
		return identity{number: foreign(chance)}
	}
	return identity{number: russian(chance), name: pick(chance, names)}
}

func russian(chance *rand.Rand) string {
	return fmt.Sprintf(pick(chance, writings), fmt.Sprintf("999000%04d", chance.IntN(10000)))
}

func foreign(chance *rand.Rand) string {
	from := pick(chance, abroad)
	if from.size == 0 { // 555-0100 to 555-0199
		return fmt.Sprintf(from.format, 100+chance.IntN(100))
	}
	return fmt.Sprintf(from.format, chance.IntN(from.size))
}

func pick[T any](chance *rand.Rand, from []T) T { return from[chance.IntN(len(from))] }
