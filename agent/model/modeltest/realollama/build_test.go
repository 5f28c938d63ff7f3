//go:build unix

package realollama

import (
	"context"
	"testing"
)

func TestBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a server")
	}
	bin, err := Binary(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(bin)
}
