package scenario

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// draw is a chart of the errors at arrival as parts of that of what app_queue says: a bar for ours, a tick for the
// predictor with true rates.
func draw(results []result) string {
	const left, width, row, top = 40, 480, 22, 46
	height := top + row*len(results) + 14
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n", left+width+60, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="white"/>`+"\n")
	fmt.Fprintf(&b, `<text x="%d" y="16">Error of the wait told at arrival; what app_queue says is 1</text>`+"\n", left)
	fmt.Fprintf(&b, `<text x="%d" y="34" fill="#555">bar: missedcalls; tick: a predictor that knows the true rates; line: 1/1.7</text>`+"\n", left)
	for i, r := range results {
		y := top + row*i
		part := 1 / r.arrival.gain(spokenTime)
		known := r.arrival.rmse(knowing) / r.arrival.rmse(spokenTime)
		fmt.Fprintf(&b, `<text x="16" y="%d">%s</text>`+"\n", y+14, r.name)
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="14" fill="#eee"/>`, left, y+3, width)
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.0f" height="14" fill="#3b7dd8"/>`, left, y+3, width*part)
		fmt.Fprintf(&b, `<rect x="%.0f" y="%d" width="2" height="18" fill="#222"/>`, left+width*known, y+1)
		fmt.Fprintf(&b, `<text x="%d" y="%d">%.2f</text>`+"\n", left+width+8, y+14, part)
	}
	fmt.Fprintf(&b, `<line x1="%.0f" x2="%.0f" y1="%d" y2="%d" stroke="#c33" stroke-dasharray="4 3"/>`+"\n</svg>\n",
		left+width/1.7, left+width/1.7, top-2, height-12)
	return b.String()
}

func TestTheChartShowsEveryScenario(t *testing.T) {
	var results []result
	for _, c := range scenarios() {
		r := result{c, new(scores)}
		r.arrival.add(100, forecast{spokenTime: 50, ours: 75, knowing: 80})
		results = append(results, r)
	}
	svg := draw(results)
	assert.Equal(t, len(results), strings.Count(svg, ">0.50</text>"), "our error is half of what app_queue's is")
	assert.True(t, strings.HasSuffix(svg, "</svg>\n"))
}
