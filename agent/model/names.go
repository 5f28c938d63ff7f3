package model

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
)

var errNoNumber = errors.New("no number")

// ParseParams reads a number of parameters as servers write it: "3.1B",
// "494.03M", "8x7B"; 0 if it is none.
func ParseParams(s string) int64 {
	n, err := number(strings.ToUpper(strings.TrimSpace(s)))
	if err != nil {
		return 0
	}
	return int64(math.Round(n))
}

func number(s string) (float64, error) {
	if experts, each, ok := strings.Cut(s, "X"); ok {
		a, err := number(experts)
		b, err2 := number(each)
		return a * b, errors.Join(err, err2)
	}
	unit := 1.0
	for suffix, u := range map[string]float64{"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = rest, u
			break
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n >= 0 && n < 1e9) {
		return 0, errNoNumber
	}
	return n * unit, nil
}

var (
	coderName  = regexp.MustCompile(`code|devstral`) // codellama, starcoder, codestral, opencoder, …
	embedsName = regexp.MustCompile(`embed|^bge-|^e5-|^gte-|minilm|rerank`)
	sizeName   = regexp.MustCompile(`(?i)(?:^|[-_:. ])((?:\d+x)?\d+(?:\.\d+)?[bm])(?:$|[-_:. ])`)
)

func base(name string) string { return strings.ToLower(name[strings.LastIndexByte(name, '/')+1:]) }

// CoderName reports whether a model was made for code, by its name or family.
func CoderName(name, family string) bool {
	return coderName.MatchString(base(name)) || coderName.MatchString(strings.ToLower(family))
}

// EmbedsName guesses from its name whether a model can't chat, where the server does not tell.
func EmbedsName(name, family string) bool {
	return embedsName.MatchString(base(name)) || strings.Contains(strings.ToLower(family), "bert")
}

// ParamsName is the number of parameters that a name tells, as in
// "qwen2.5-coder-7b-instruct"; 0 if it tells none.
func ParamsName(name string) int64 {
	if m := sizeName.FindStringSubmatch(base(name)); m != nil {
		return ParseParams(m[1])
	}
	return 0
}
