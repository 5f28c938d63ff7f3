package model

import "testing"

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{
		"qwen2.5-coder:3b": true, "codellama:7b": true, "starcoder2": true, "codestral": true, "deepseek-coder-v2:16b": true,
		"codegemma:2b": true, "granite-code:3b": true, "devstral:24b": true, "hf.co/someone/Qwen3-Coder-30B-GGUF:Q4": true,
		"llama3.2": false, "codes/llama3.2": false, "qwen3:8b": false,
	} {
		if got := CoderName(name, ""); got != want {
			t.Errorf("CoderName(%q) = %v", name, got)
		}
	}
	for in, want := range map[string]int64{
		"3.1B": 3_100_000_000, "494.03M": 494_030_000, "8x7B": 56_000_000_000, "1.8T": 1_800_000_000_000, "22k": 22_000,
		"": 0, "big": 0, "-3B": 0, "NaN": 0, "1e300B": 0,
	} {
		if got := ParseParams(in); got != want {
			t.Errorf("ParseParams(%q) = %d, want %d", in, got, want)
		}
	}
	for in, want := range map[string]int64{
		"qwen2.5-coder-7b-instruct": 7_000_000_000, "Qwen/Qwen3-Coder-30B-A3B": 30_000_000_000, "mixtral-8x7b": 56_000_000_000,
		"SmolLM-135M": 135_000_000, "phi-4": 0, "gpt-4.1": 0, "llama3.2:3b": 3_000_000_000, "b": 0, "": 0,
	} {
		if got := ParamsName(in); got != want {
			t.Errorf("ParamsName(%q) = %d, want %d", in, got, want)
		}
	}
}
