package hearing

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Words of the library: thanks and number are long, the digits short; the music is three minutes of two tunes.
var (
	thanks = Sound{Name: "thanks", PCM: word(100, 1600*time.Millisecond)}
	number = Sound{Name: "number", PCM: word(101, 2300*time.Millisecond)}
	first  = Sound{Name: "one tune", Class: "default", PCM: tune(1, time.Minute)}
	second = Sound{Name: "other tune", Class: "default", PCM: tune(2, time.Minute)}
	jazz   = Sound{Name: "jazz", Class: "jazz", PCM: tune(3, time.Minute)}
)

func digit(n int) Sound {
	return Sound{Name: fmt.Sprintf("digits/%d", n), PCM: word(uint64(n), ms(400+n*7))}
}

func library() *Library {
	sounds := []Sound{thanks, number, first, second, jazz}
	for n := range 10 {
		sounds = append(sounds, digit(n))
	}
	return NewLibrary(sounds...)
}

func (s *sender) listen() Transcript { return library().Listen(s.tape.Recording()) }

// assertHeard compares what was heard with lines such as "thanks 0 1600": name, and milliseconds from the first packet, each to within
// a number of them.
func assertHeard(t *testing.T, within int, transcript Transcript, lines ...string) {
	t.Helper()
	require.Len(t, transcript.Heard, len(lines), transcript.String())
	for i, h := range transcript.Heard {
		from, to := int(h.From.Sub(began).Milliseconds()), int(h.To.Sub(began).Milliseconds())
		var name, class string
		var wantFrom, wantTo int
		if n, _ := fmt.Sscanf(lines[i], "%s %d %d", &name, &wantFrom, &wantTo); n < 3 {
			_, err := fmt.Sscanf(lines[i], "%s %s %d %d", &name, &class, &wantFrom, &wantTo)
			require.NoError(t, err)
			name += " " + class
		}
		assert.Equal(t, name, h.Name, transcript.String())
		assert.InDelta(t, wantFrom, from, float64(within), lines[i])
		assert.InDelta(t, wantTo, to, float64(within), lines[i])
	}
}

func TestWordsAreHeardInOrderToTheMillisecond(t *testing.T) {
	heard := newSender().play(thanks.PCM).pause(ms(500)).play(number.PCM).play(thanks.PCM).listen()
	assertHeard(t, 1, heard, "thanks 0 1600", "number 2100 4400", "thanks 4400 6000")
	for _, h := range heard.Heard {
		assert.True(t, h.Whole)
		assert.Zero(t, h.Offset)
		assert.InDelta(t, 1, h.Match, 0.001)
		assert.Equal(t, h.Name, h.File)
	}
	assert.Equal(t, []string{"thanks", "number", "thanks"}, heard.Names())
}

func TestShortWordsBackToBackAreToldApart(t *testing.T) {
	s := newSender()
	var lines []string
	at := 0
	for _, n := range []int{4, 9, 5, 1, 2, 3, 4, 4, 4, 6, 7, 0, 8} {
		s.play(digit(n).PCM)
		lines = append(lines, fmt.Sprintf("digits/%d %d %d", n, at, at+400+7*n))
		at += 400 + 7*n
	}
	assertHeard(t, 1, s.listen(), lines...)
}

func TestAWordCutShortEndsWhereItWasCut(t *testing.T) {
	for cut := 150; cut < 2300; cut += 130 {
		part := number.PCM[:samplesIn(ms(cut))]
		heard := newSender().play(part).play(digit(3).PCM).listen()
		assertHeard(t, 20, heard, fmt.Sprintf("number 0 %d", cut), fmt.Sprintf("digits/3 %d %d", cut, cut+421))
		assert.False(t, heard.Heard[0].Whole)
		assert.True(t, heard.Heard[1].Whole)

		heard = newSender().play(part).pause(ms(700)).play(digit(3).PCM).listen()
		assertHeard(t, 20, heard, fmt.Sprintf("number 0 %d", cut), fmt.Sprintf("digits/3 %d %d", cut+700, cut+1121))
		heard = newSender().play(part).play(nothing(ms(700))).listen()
		assertHeard(t, 20, heard, fmt.Sprintf("number 0 %d", cut))
	}
}

func TestOfTwoWordsThatBeginAlikeTheOneHeardIsNamed(t *testing.T) {
	minute := Sound{Name: "minute", PCM: word(50, ms(600))}
	minutes := Sound{Name: "minutes", PCM: append(word(50, ms(600)), word(51, ms(200))...)}
	l := NewLibrary(minute, minutes)
	s := newSender().play(minute.PCM).play(digit(1).PCM).play(minutes.PCM)
	assert.Equal(t, []string{"minute", Unknown, "minutes"}, l.Listen(s.tape.Recording()).Names())
}

func TestMusicIsKnownFromAnyPlaceOn(t *testing.T) {
	heard := newSender().play(thanks.PCM).play(second.PCM[12345 : 12345+5*Rate]).play(digit(2).PCM).play(second.PCM[99999 : 99999+3*Rate]).
		play(jazz.PCM[:2*Rate]).listen()
	assertHeard(t, 20, heard, "thanks 0 1600", "music default 1600 6600", "digits/2 6600 7014", "music default 7014 10014",
		"music jazz 10014 12014")
	assert.Equal(t, "other tune", heard.Heard[1].File)
	assert.InDelta(t, 12345.0/Rate, heard.Heard[1].Offset.Seconds(), 0.01)
	assert.InDelta(t, 99999.0/Rate, heard.Heard[3].Offset.Seconds(), 0.01)
	assert.InDelta(t, 0, heard.Heard[4].Offset.Seconds(), 0.01)
}

func TestTheNextFileOfAClassIsTheSameMusic(t *testing.T) {
	heard := newSender().play(first.PCM[50*Rate:]).play(second.PCM[:5*Rate]).listen()
	assertHeard(t, 20, heard, "music default 0 15000")
	assert.Equal(t, "one tune", heard.Heard[0].File)
}

func TestMusicThatStopsForAWhileIsHeardTwice(t *testing.T) {
	for pause, lines := range map[int][]string{
		1999: {"music default 0 6999"}, 2000: {"music default 0 3000", "music default 5000 7000"},
	} {
		heard := newSender().play(first.PCM[:3*Rate]).pause(ms(pause)).play(first.PCM[3*Rate : 5*Rate]).listen()
		assertHeard(t, 20, heard, lines...)
		assert.Equal(t, ms(pause), heard.Silences(ms(500))[0].Lasted(), "silent it was in any case")
	}
	for pause, lines := range map[int][]string{
		499: {"music default 0 5499"}, 501: {"music default 0 3000", "music default 3501 5501"},
	} {
		heard := newSender().play(first.PCM[:3*Rate]).pause(ms(pause)).play(first.PCM[30*Rate : 32*Rate]).listen()
		assertHeard(t, 20, heard, lines...)
	}
}

func TestWhatIsNotInTheLibraryIsUnknown(t *testing.T) {
	heard := newSender().play(thanks.PCM).play(word(77, time.Second)).play(digit(1).PCM).play(nothing(time.Second)).play(tone(440, Rate)).listen()
	assertHeard(t, 60, heard, "thanks 0 1600", "unknown 1600 2600", "digits/1 2600 3007", "unknown 4007 5007")
}

func TestAWordHeardFromTheMiddleOnIsNamed(t *testing.T) {
	heard := newSender().play(number.PCM[8000:]).listen()
	assertHeard(t, 20, heard, "number 0 1300")
	assert.InDelta(t, 1, heard.Heard[0].Offset.Seconds(), 0.02)
	assert.False(t, heard.Heard[0].Whole)
}

func TestASenderThatStallsMakesAWordLonger(t *testing.T) {
	s := newSender()
	s.late = func(n int) time.Duration { return ms(min(n/20, 3) * 45) }
	heard := s.play(number.PCM).listen()
	assertHeard(t, 1, heard, "number 0 2435")
	assert.True(t, heard.Heard[0].Whole)
	assert.InDelta(t, 1, heard.Heard[0].Match, 0.001)
	assert.Equal(t, ms(135), heard.Stalled(heard.Heard[0]))
	assert.Empty(t, heard.Silences(ms(50)))
	assert.Len(t, heard.Silences(ms(40)), 3)
}

func TestASenderThatStallsInTheLastSilenceOfASoundGoesOn(t *testing.T) {
	trailing := Sound{Name: "trailing", PCM: append(word(60, ms(300)), nothing(ms(400))...)}
	l := NewLibrary(trailing)
	heard := l.Listen(newSender().play(trailing.PCM[:4000]).pause(ms(500)).play(trailing.PCM[4000:]).tape.Recording())
	assertHeard(t, 1, heard, "trailing 0 1200")
	heard = l.Listen(newSender().play(trailing.PCM[:4000]).pause(ms(500)).play(trailing.PCM).tape.Recording())
	assertHeard(t, 1, heard, "trailing 0 500", "trailing 1000 1700")
	assert.True(t, heard.Heard[0].Whole, "all that is to be heard was heard")
}

func TestAsteriskLeavesOutTheLastBytesOfAFile(t *testing.T) {
	const missing = 22
	left := func(s Sound) []int16 { return s.PCM[:len(s.PCM)-missing] }
	heard := newSender().play(left(thanks)).play(left(digit(4))).pause(time.Second).play(left(digit(5))).pause(ms(70)).
		play(left(digit(6))).play(first.PCM[Rate : 2*Rate]).listen()
	assertHeard(t, 3, heard, "thanks 0 1597", "digits/4 1597 2022", "digits/5 3022 3454", "digits/6 3524 3966", "music default 3966 4963")
	for _, h := range heard.Heard[:4] {
		assert.True(t, h.Whole)
	}

	trailing := Sound{Name: "trailing", PCM: append(word(60, ms(300)), nothing(ms(407))...)}
	s := newSender().play(left(trailing)).pause(time.Second).play(nothing(ms(500))).play(thanks.PCM)
	heard = NewLibrary(trailing, thanks).Listen(s.tape.Recording())
	assertHeard(t, 3, heard, "trailing 0 704", "thanks 2204 3804")
	assert.Equal(t, ms(1500), heard.Silences(time.Second)[0].Lasted().Round(ms(10)))
}

func TestLostPacketsDoNotHideAWord(t *testing.T) {
	s := newSender()
	s.lost = func(n int) bool { return n%10 == 4 && n < 190 || n >= 50 && n < 55 }
	heard := s.play(thanks.PCM).play(number.PCM).listen()
	assertHeard(t, 1, heard, "thanks 0 1600", "number 1600 3900")
	assert.True(t, heard.Heard[0].Whole)
	assert.Len(t, heard.Silences(ms(100)), 1)
	assert.Equal(t, ms(100), heard.Silences(ms(100))[0].Missing)
}

func TestASoundResampledOnItsWayIsKnown(t *testing.T) {
	l := library()
	for quarters := 1; quarters < 4; quarters++ {
		delayed := newDelayFilter(float64(quarters)/4).apply(number.PCM, 0, len(number.PCM))
		for i := range delayed {
			delayed[i] = int16(float64(delayed[i]) * 0.7)
		}
		heard := l.Listen(newSender().play(digit(1).PCM).play(delayed).play(digit(2).PCM).tape.Recording())
		assertHeard(t, 20, heard, "digits/1 0 407", "number 407 2707", "digits/2 2707 3121")
		assert.Greater(t, heard.Heard[1].Match, 0.98)
	}
}

func TestSilenceIsWhereNothingIsHeardAndNoPauseOfAWord(t *testing.T) {
	halting := Sound{Name: "halting", PCM: append(append(word(60, ms(300)), nothing(ms(900))...), word(61, ms(300))...)}
	l := NewLibrary(halting, thanks)
	s := newSender().play(nothing(ms(600))).play(halting.PCM).pause(ms(700)).play(nothing(ms(500))).play(thanks.PCM).pause(ms(100)).
		play(nothing(ms(300)))
	heard := l.Listen(s.tape.Recording())
	assertHeard(t, 1, heard, "halting 600 2100", "thanks 3300 4900")

	at := func(n int) time.Time { return began.Add(ms(n)) }
	want := []Silence{{at(0), at(600), 0}, {at(2100), at(3300), ms(700)}, {at(4900), at(5300), ms(100)}}
	assert.Equal(t, want, heard.Silences(ms(400)))
	assert.Equal(t, want[:2], heard.Silences(ms(401)))
	assert.Equal(t, want[1:2], heard.Silences(ms(1200)))
	assert.Empty(t, heard.Silences(ms(1201)))

	around := heard.SilencesBetween(at(-1000), at(6000), ms(401))
	assert.Equal(t, []Silence{{at(-1000), at(600), ms(1000)}, want[1], {at(4900), at(6000), ms(800)}}, around)
	assert.Equal(t, []Silence{{at(2500), at(2600), ms(100)}}, heard.SilencesBetween(at(2500), at(2600), ms(100)))
	assert.Empty(t, heard.SilencesBetween(at(700), at(2000), 0))
}

func TestACallWithoutSoundIsSilentAllTheWay(t *testing.T) {
	heard := library().Listen(Recording{})
	assert.Empty(t, heard.Silences(0))
	assert.Equal(t, []Silence{{began, began.Add(time.Second), time.Second}}, heard.SilencesBetween(began, began.Add(time.Second), ms(1)))
}

func TestASilentSoundIsNoSound(t *testing.T) {
	l := NewLibrary(Sound{Name: "silence/1", PCM: nothing(time.Second)}, thanks)
	assert.Equal(t, []string{"thanks"}, l.Listen(newSender().play(nothing(time.Second)).play(thanks.PCM).tape.Recording()).Names())
}

func TestATranscriptReads(t *testing.T) {
	heard := newSender().play(thanks.PCM).pause(ms(1500)).play(number.PCM[:Rate]).play(first.PCM[Rate : 3*Rate]).play(word(77, ms(200))).listen()
	assert.Regexp(t, `^   0\.000 to    1\.600  thanks, match 1\.000
   3\.100 to    4\.1\d\d  number, cut, match 1\.000
   4\.1\d\d to    6\.1\d\d  music default \(one tune\), from 1\.\d+ on, match 1\.000
   6\.1\d\d to    6\.[23]\d\d  unknown, match 0\.000
   1\.600 to    3\.100  nothing, 1\.500 of it without packets
$`, heard.String())
}
