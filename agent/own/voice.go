package own

import "strconv"

// Voice is a role in which a model looks at code.
type Voice struct {
	Name         string
	Tier         string // "" means balanced
	Temperature  float64
	Instructions string
}

// BuiltIn are the voices that are always there; a file of the same name replaces one.
func BuiltIn() []Voice {
	return []Voice{
		{Name: "architect", Tier: "quality", Instructions: "You are the architect. You decide what has to change and where, in the fewest steps that do the whole of it, and leave alone what works."},
		{Name: "implementer", Instructions: "You are the implementer. You carry out one step of a plan exactly, in the style of the code around it, and touch nothing else."},
		{Name: "reviewer", Instructions: "You are the reviewer. You look for what is wrong: bugs, cases that are not handled, errors that are swallowed, names that mislead. Style alone is no finding."},
		{Name: "security", Instructions: "You are the security reviewer. You look for what an attacker can use: input that is trusted, injection, paths, secrets, missing checks of permission, unsafe defaults."},
		{Name: "tester", Instructions: "You are the tester. You look for inputs that break this code: limits, empty and huge values, concurrency, failure of what it calls. Each finding names the input and what happens."},
	}
}

// Reviewers are the names of the voices that a review hears where none are chosen.
var Reviewers = []string{"reviewer", "security", "tester"}

// defaultTemperature keeps answers close to the code.
const defaultTemperature = 0.1

// ParseVoice reads a voice. One with problems can't be used, and is not ok.
func ParseVoice(name, src string) (v Voice, problems []Problem, ok bool) {
	d := parse(src)
	v = Voice{Name: name, Temperature: defaultTemperature, Instructions: d.body}
	for _, f := range d.fields {
		switch f.key {
		case "tier":
			v.Tier = d.oneOf(f, "fast", "balanced", "quality")
		case "temperature":
			t, err := strconv.ParseFloat(scalar(f), 64)
			if err != nil || !(t >= 0 && t <= 2) { // NaN is in no order
				d.wrong(f.line, "temperature must be a number from 0 to 2")
				continue
			}
			v.Temperature = t
		default:
			d.unknown(f, "tier and temperature")
		}
	}
	if d.body == "" && len(d.problems) == 0 {
		d.wrong(d.bodyLine, "the instructions are missing: write below the head how this voice looks at code")
	}
	return v, d.problems, len(d.problems) == 0
}
